"""A request's body as JSON: whatever its Content-Type, and nothing that text cannot hold."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from doorstep.api.problems import Problem, invalid_fields
from doorstep.domain.refusals import Violation

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NUL = "must not contain a NUL character."
SURROGATE = "must not contain half of a surrogate pair."


def decode_body(body: bytes) -> Any:
    """The JSON value. Raises Problem for anything that is not JSON in UTF-8."""
    body = body.removeprefix(BYTE_ORDER_MARK)
    try:
        value = msgspec.json.decode(body)
    except RecursionError:
        raise malformed("The body is nested too deeply.") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        if b"\\u" in body:
            _refuse_unfit(_lenient(body))
        raise malformed(f"The body is not JSON: {error}.") from None
    # What text cannot hold only ever comes as an escape.
    if b"\\u" in body:
        _refuse_unfit(value)
    return value


def malformed(detail: str) -> Problem:
    return Problem(400, "malformed_json", detail)


def _lenient(body: bytes) -> Any:
    """The value where the strict decoder stopped at half a surrogate pair; None otherwise."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _refuse_unfit(value: Any) -> None:
    violations = [Violation(path, message) for path, message in _unfit(value)]
    if violations:
        raise invalid_fields(violations)


def _unfit(value: Any) -> Iterator[tuple[str, str]]:
    """Every string and key with a character that no database and no page can hold."""
    pending: list[tuple[str, Any]] = [("", value)]
    while pending:
        path, part = pending.pop()
        if isinstance(part, str):
            if message := _fault(part):
                yield path, message
        elif isinstance(part, list):
            pending += [(f"{path}[{index}]", entry) for index, entry in enumerate(part)]
        elif isinstance(part, dict):
            for key, entry in part.items():
                shown = key.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
                inner = f"{path}.{shown}" if path else shown
                if message := _fault(key):
                    yield inner, message
                pending.append((inner, entry))


def _fault(text: str) -> str | None:
    if "\0" in text:
        return NUL
    try:
        text.encode()
    except UnicodeEncodeError:
        return SURROGATE
    return None
