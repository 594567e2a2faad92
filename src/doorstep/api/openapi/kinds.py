"""What a value is, in words, as its schema has it."""

from typing import Any

from doorstep.api.openapi.schemas import SCHEMAS

NOTHING_GIVEN = ({"type": "null"}, {"$ref": SCHEMAS + "NotGiven"}, {"type": "array", "maxItems": 0})
"""Alternatives of a request that stand for nothing given; said once, in the introduction."""


def kind(schema: dict[str, Any], request: bool) -> str:
    """What a value is, in words; of a request, without what stands for nothing given."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(SCHEMAS)
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return " or ".join("null" if one is None else f"`{one}`" for one in schema["enum"])
    parts = schema.get("anyOf")
    if parts is None:
        kinds = schema.get("type", "anything")
        names = [kinds] if isinstance(kinds, str) else kinds
        parts = [{**schema, "type": name} for name in names]
    if request:
        parts = [part for part in parts if not _is_nothing(part)]
    return " or ".join(_one_kind(part, request) for part in parts)


def _is_nothing(part: dict[str, Any]) -> bool:
    return part in NOTHING_GIVEN or part.get("type") == "null"


def _one_kind(part: dict[str, Any], request: bool) -> str:
    match part.get("type"):
        case "string":
            return f"string{_range(part, 'Length', ' characters')}"
        case "number" | "integer" as name:
            return f"{name}{_range(part, 'imum', '')}"
        case "array":
            entries = part.get("items") or part.get("prefixItems", [{}])[0]
            return f"array of {kind(entries, request)}{_range(part, 'Items', ' entries')}"
        case "object" if isinstance(part.get("additionalProperties"), dict):
            return f"map of {kind(part['additionalProperties'], request)}"
        case str() as name:
            return name
    return kind(part, request)


def _range(part: dict[str, Any], of: str, unit: str) -> str:
    least, most = part.get(f"min{of}"), part.get(f"max{of}")
    if most is None:
        return ""
    shown = "2^53" if most == 2**53 else f"{most:,}"
    return f" ({least}–{shown}{unit})" if least is not None else f" (up to {shown}{unit})"
