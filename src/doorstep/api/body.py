"""A request's body as JSON: whatever its Content-Type, and nothing that text cannot hold."""

import json
import math
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from doorstep.api.problems import Problem, invalid_fields
from doorstep.domain.refusals import Violation

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NUL = "must not contain a NUL character."
SURROGATE = "must not contain half of a surrogate pair."
MOST_VIOLATIONS = 100
MOST_SHOWN = 100
"""How much of a key is shown in a violation's path."""


def decode_body(body: bytes) -> Any:
    """The JSON value. Raises Problem for anything that is not JSON in UTF-8."""
    value, suspicious = _decode(body)
    if suspicious:
        _refuse_unfit(value)
    return value


def decode_entries(body: bytes) -> Any:
    """As `decode_body`; in an array, an entry at fault is its Problem, the others are values."""
    value, suspicious = _decode(body)
    if not isinstance(value, list):
        if suspicious:
            _refuse_unfit(value)
        return value
    return [_entry(entry) for entry in value] if suspicious else value


def _entry(entry: Any) -> Any:
    try:
        _refuse_unfit(entry)
    except Problem as problem:
        return problem
    return entry


def _decode(body: bytes) -> tuple[Any, bool]:
    """The JSON value, and whether it may hold what text cannot: that only comes as an escape."""
    body = body.removeprefix(BYTE_ORDER_MARK)
    suspicious = b"\\u" in body
    try:
        return msgspec.json.decode(body), suspicious
    except RecursionError:
        raise malformed("The body is nested too deeply.") from None
    except UnicodeDecodeError:
        raise malformed("The body is not JSON: it is not UTF-8.") from None
    except msgspec.MsgspecError as error:
        value = _lenient(body) if suspicious else None
        # Only half a surrogate pair may be what the strict decoder stopped at.
        if next(_unfit(value), None) is None:
            raise malformed(f"The body is not JSON: {error}.") from None
        return value, suspicious


def malformed(detail: str) -> Problem:
    return Problem(400, "malformed_json", detail)


def _lenient(body: bytes) -> Any:
    """The value where the strict decoder stopped at half a surrogate pair; None otherwise."""
    try:
        return json.loads(body.decode(), parse_constant=_refuse_number, parse_float=_finite)
    except (ValueError, RecursionError):
        return None


def _refuse_number(text: str) -> None:
    raise ValueError(f"{text} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is out of range")
    return number


def _refuse_unfit(value: Any) -> None:
    violations = [
        Violation(path, message) for path, message in islice(_unfit(value), MOST_VIOLATIONS)
    ]
    if violations:
        raise invalid_fields(violations)


class Place(NamedTuple):
    """Where a value stands; written out only for a value at fault, as paths can be long."""

    above: "Place | None"
    key: str | int

    def path(self) -> str:
        place: Place | None = self
        parts: list[str] = []
        while place is not None:
            parts.append(
                f"[{place.key}]" if isinstance(place.key, int) else f".{_shown(place.key)}"
            )
            place = place.above
        return "".join(reversed(parts)).removeprefix(".")


def _unfit(value: Any) -> Iterator[tuple[str, str]]:
    """Every string and key with a character that no database and no page can hold."""
    pending: list[tuple[Place | None, Any]] = [(None, value)]
    while pending:
        place, part = pending.pop()
        if isinstance(part, str):
            if message := _fault(part):
                yield place.path() if place else "", message
        elif isinstance(part, list):
            pending += [(Place(place, index), entry) for index, entry in enumerate(part)]
        elif isinstance(part, dict):
            for key, entry in part.items():
                inner = Place(place, key)
                if message := _fault(key):
                    yield inner.path(), message
                pending.append((inner, entry))


def _shown(key: str) -> str:
    short = key if len(key) <= MOST_SHOWN else f"{key[:MOST_SHOWN]}…"
    return short.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")


def _fault(text: str) -> str | None:
    if "\0" in text:
        return NUL
    try:
        text.encode()
    except UnicodeEncodeError:
        return SURROGATE
    return None
