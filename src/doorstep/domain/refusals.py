"""Why a command was not carried out: values, found before anything is written."""

from typing import Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["invalid", "conflict", "missing", "throttled"]


class Violation(Struct, frozen=True, rename="camel"):
    """A field at fault: its path in the request (`order_items[0].weight`) and what is wrong."""

    property_path: str
    message: str


class Refusal(Struct, frozen=True):
    """`code` is stable and snake_case; `detail` is a sentence for the person who reads it."""

    kind: Kind
    code: str
    detail: str
    violations: tuple[Violation, ...] = ()


def invalid(*violations: tuple[str, str], code: str = "invalid_field") -> Refusal:
    """Fields that can never be accepted as they are, whatever is stored."""
    found = tuple(Violation(path, message) for path, message in violations)
    detail = " ".join(f"{line.property_path}: {line.message}" for line in found)
    return Refusal("invalid", code, detail, found)


def conflict(code: str, detail: str, *violations: tuple[str, str]) -> Refusal:
    """Understood, but what is stored forbids it."""
    return Refusal(
        "conflict", code, detail, tuple(Violation(path, message) for path, message in violations)
    )


def missing(what: str, name: object) -> Refusal:
    """Nothing of that name in this account."""
    return Refusal("missing", f"{what.replace(' ', '_')}_not_found", f"There is no {what} {name}.")
