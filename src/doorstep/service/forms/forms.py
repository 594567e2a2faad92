"""The forms that a field's value can have: how each is read, and its JSON schema.

Reading is as forgiving as the contract (API, section 1): `None` means cleared or, in a POST, not
given; `UNSET` means not given in any case.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct

from doorstep.domain.limits import Limits
from doorstep.domain.promise import end_of_day
from doorstep.domain.refusals import Violation
from doorstep.times import in_range, parse_date, parse_time

MOST_MAGNITUDE = 2**53
"""Beyond it, whole numbers are no longer exact in most programs that read JSON."""


MOST_BITS = 8_192
"""About 2,400 digits: no identifier is as long."""


class Reading(Struct, frozen=True):
    """What reading depends on besides the value."""

    limits: Limits
    time_zone: ZoneInfo


class Unfit(Exception):
    """Violations with paths relative to the value."""

    def __init__(self, *violations: tuple[str, str]) -> None:
        super().__init__(violations)
        self.violations = violations


class Form(NamedTuple):
    """`read` raises Unfit; `schema` gives the JSON schema of all that it accepts."""

    read: Callable[[Any, Reading], Any]
    schema: Callable[[Limits], dict[str, Any]]


Check: TypeAlias = Callable[[Mapping[str, Any], set[str]], Iterable[tuple[str, str]]]
"""Violations of what was given as a whole; told which fields are at fault on their own."""


class Field(NamedTuple):
    form: Form
    required: bool = False
    note: str = ""


class Body:
    """A request's body: its fields by wire name, in the order of the documentation."""

    def __init__(self, name: str, fields: Mapping[str, Field]) -> None:
        self.name = name
        self.fields = fields
        self._reads = {name: field.form.read for name, field in fields.items()}
        self._required = [name for name, field in fields.items() if field.required]

    def read(
        self, value: Any, reading: Reading, *, partial: bool = False, check: Check | None = None
    ) -> dict[str, Any]:
        """The given fields. `partial` (a PUT) keeps cleared ones as None and requires none.

        Raises Unfit with every violation at once.
        """
        if not isinstance(value, dict):
            raise Unfit(("", "must be an object."))
        given: dict[str, Any] = {}
        violations: list[tuple[str, str]] = []
        for name, raw in value.items():
            read_field = self._reads.get(name)
            if read_field is None:
                continue
            try:
                read = None if raw is None or raw == "" else read_field(raw, reading)
            except Unfit as unfit:
                violations += [(_join(name, path), text) for path, text in unfit.violations]
                continue
            if read is UNSET or (read is None and not partial):
                continue
            given[name] = read
        if not partial:
            violations += [
                (name, "is required.")
                for name in self._required
                if name not in given and not _named(violations, name)
            ]
        if check is not None:
            faulty = {re.split(r"[.\[]", path)[0] for path, _ in violations}
            violations += check(given, faulty)
        if violations:
            raise Unfit(*violations)
        return given


def _join(name: str, path: str) -> str:
    return f"{name}{path}" if path.startswith("[") or not path else f"{name}.{path}"


def _named(violations: list[tuple[str, str]], name: str) -> bool:
    return any(path == name for path, _ in violations)


def violations_of(unfit: Unfit) -> list[Violation]:
    return [Violation(path, message) for path, message in unfit.violations]


def _wrong(message: str) -> Unfit:
    return Unfit(("", message))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _string(value: Any, most: int) -> str:
    if not isinstance(value, str):
        raise _wrong("must be a string.")
    if len(value) > most:
        raise _wrong(f"is longer than {most} characters.")
    return value


def _text(limit: str, numbers: bool) -> Form:
    """A string no longer than a limit; where `numbers` come for it, their decimal text."""

    def read(value: Any, reading: Reading) -> str:
        most: int = getattr(reading.limits, limit)
        if type(value) is str and len(value) <= most:
            return value
        if numbers and _is_number(value):
            # Python itself refuses to write out numbers of more than some thousand digits.
            huge = isinstance(value, int) and value.bit_length() > MOST_BITS
            if huge:
                raise _wrong("is too long.")
            value = format(Decimal(repr(value)), "f")
        return _string(value, most)

    def schema(limits: Limits) -> dict[str, Any]:
        kinds = ["string", "number"] if numbers else ["string"]
        return {"type": kinds, "maxLength": getattr(limits, limit)}

    return Form(read, schema)


TEXT = _text("max_text_length", numbers=False)
CODE = _text("max_text_length", numbers=True)
IDENTIFIER = _text("max_identifier_length", numbers=True)
URL = _text("max_url_length", numbers=False)

MOST_KEY_LENGTH = 4096
ACCESS_KEY = Form(
    lambda value, reading: _string(value, MOST_KEY_LENGTH),
    lambda limits: {"type": "string", "maxLength": MOST_KEY_LENGTH},
)
"""No setting reaches it: a limit on texts must not lock everybody out."""


def _read_flag(value: Any, reading: Reading) -> bool:
    if not isinstance(value, bool):
        raise _wrong("must be true or false.")
    return value


FLAG = Form(_read_flag, lambda limits: {"type": "boolean"})


def _read_amount(value: Any, reading: Reading) -> int | float:
    if not _is_number(value):
        raise _wrong("must be a number.")
    number: int | float = value
    if 0 <= number <= MOST_MAGNITUDE:
        return number
    if not -MOST_MAGNITUDE <= value <= MOST_MAGNITUDE:
        raise _wrong("lies beyond 2^53.")
    raise _wrong("must not be negative.")


AMOUNT = Form(
    _read_amount,
    lambda limits: {"type": "number", "minimum": 0, "maximum": MOST_MAGNITUDE},
)


def whole(lowest: int, highest: int) -> Form:
    """A whole number in a range."""

    def read(value: Any, reading: Reading) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise _wrong(f"must be a whole number from {lowest} to {highest}.")
        return value

    return Form(read, lambda limits: {"type": "integer", "minimum": lowest, "maximum": highest})


SEQUENCE = whole(0, MOST_MAGNITUDE)


def _time(text: Any) -> Any:
    if not isinstance(text, str):
        raise _wrong("must be a time such as 2024-01-15T10:30:00Z.")
    try:
        return parse_time(text)
    except ValueError as error:
        raise _wrong(str(error)) from None


def _read_time(value: Any, reading: Reading) -> Any:
    # A client in the field sends a duration in seconds here.
    return UNSET if _is_number(value) else _time(value).instant


def _read_promise(value: Any, reading: Reading) -> Any:
    try:
        day = parse_date(value) if isinstance(value, str) else None
        if day is not None:
            return in_range(end_of_day(day, reading.time_zone))
    except ValueError as error:
        raise _wrong(str(error)) from None
    return _read_time(value, reading)


def _read_given_time(value: Any, reading: Reading) -> Any:
    if _is_number(value):
        raise _wrong("must be a time such as 2024-01-15T10:30:00Z.")
    return _time(value)


_TIME_SCHEMA = {
    "type": ["string", "number"],
    "description": "RFC 3339; without an offset UTC; a number counts as not given.",
}
TIME = Form(_read_time, lambda limits: _TIME_SCHEMA)
PROMISE = Form(
    _read_promise,
    lambda limits: {
        **_TIME_SCHEMA,
        "description": "RFC 3339, or a date: 23:59:59 of that day in the account's time zone.",
    },
)
GIVEN_TIME = Form(
    _read_given_time,
    lambda limits: {"type": ["string"], "description": "RFC 3339; without an offset UTC."},
)
"""A required time; read as a GivenTime, with its offset."""


def _read_tags(value: Any, reading: Reading) -> dict[str, str]:
    if value == []:
        return {}
    if not isinstance(value, dict):
        raise _wrong("must be a map of strings.")
    if len(value) > reading.limits.max_tags:
        raise _wrong(f"has more than {reading.limits.max_tags} entries.")
    tags: dict[str, str] = {}
    violations = []
    for key, entry in value.items():
        try:
            if len(key) > reading.limits.max_text_length:
                raise _wrong("has a key that is too long.")
            tags[key] = CODE.read(entry, reading)
        except Unfit as unfit:
            violations += [(f"[{key}]", text) for _, text in unfit.violations]
    if violations:
        raise Unfit(*violations)
    return tags


EMPTY_LIST = {"type": "array", "maxItems": 0}
"""What some languages make of an empty map."""


def _tags_schema(limits: Limits) -> dict[str, Any]:
    tags = {
        "type": "object",
        "additionalProperties": CODE.schema(limits),
        "propertyNames": {"maxLength": limits.max_text_length},
        "maxProperties": limits.max_tags,
    }
    return {"anyOf": [tags, EMPTY_LIST]}


TAGS = Form(_read_tags, _tags_schema)


def _read_language(value: Any, reading: Reading) -> Any:
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None or value == "":
        return None
    return TEXT.read(value, reading)


def _language_schema(limits: Limits) -> dict[str, Any]:
    text = TEXT.schema(limits)
    first = {"type": "array", "prefixItems": [{"anyOf": [text, {"type": "null"}]}]}
    return {"anyOf": [text, first], "description": "Of an array the first entry counts."}


LANGUAGE = Form(_read_language, _language_schema)

IGNORED = Form(lambda value, reading: UNSET, lambda limits: {})
"""Whatever it is, it counts as not given."""


def one_of(words: Mapping[str, str] | tuple[str, ...]) -> Form:
    """One of some words, in lower case; a mapping gives what each stands for."""
    meanings = words if isinstance(words, Mapping) else {word: word for word in words}

    def read(value: Any, reading: Reading) -> str:
        meaning = meanings.get(value.lower()) if isinstance(value, str) else None
        if meaning is None:
            raise _wrong(f"must be one of {', '.join(dict.fromkeys(meanings.values()))}.")
        return meaning

    # Without `enum`: in capitals a word is accepted too.
    listed = ", ".join(f"`{word}`" for word in dict.fromkeys(meanings.values()))
    return Form(read, lambda limits: {"type": ["string"], "description": f"One of {listed}."})


def nested(body: Body) -> Form:
    """An object with fields of its own; empty ones are left out of it."""

    def read(value: Any, reading: Reading) -> dict[str, Any] | None:
        return None if value == [] else body.read(value, reading) or None

    return Form(
        read,
        lambda limits: {"anyOf": [{"$ref": f"#/components/schemas/{body.name}"}, EMPTY_LIST]},
    )


def list_of(body: Body, limit: str, check: Check) -> Form:
    """A list of objects, each held against `check`, no longer than a limit."""

    def read(value: Any, reading: Reading) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise _wrong("must be a list.")
        most = getattr(reading.limits, limit)
        if len(value) > most:
            raise _wrong(f"has more than {most} entries.")
        found, violations = [], []
        for index, entry in enumerate(value):
            try:
                found.append(body.read(entry, reading, check=check))
            except Unfit as unfit:
                violations += [(_join(f"[{index}]", path), text) for path, text in unfit.violations]
        if violations:
            raise Unfit(*violations)
        return found

    return Form(
        read,
        lambda limits: {
            "type": "array",
            "maxItems": getattr(limits, limit),
            "items": {"$ref": f"#/components/schemas/{body.name}"},
        },
    )
