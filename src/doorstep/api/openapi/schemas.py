"""Schemas: of requests from the tables that decode them, of answers from what encodes them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from doorstep.api import (
    answers,
    explanation_answers,
    problems,
    webhook_answers,
)
from doorstep.api.openapi.notes import NOTES, TIMES, WORDS
from doorstep.domain.limits import Limits
from doorstep.domain.refusals import Violation
from doorstep.service.events import cloud_events, parts
from doorstep.service.forms import bodies, webhook_bodies
from doorstep.service.forms.forms import Body, Field

SCHEMAS = "#/components/schemas/"

NOT_GIVEN = {
    "enum": [None, ""],
    "description": "Not given in a POST; in a PUT it clears the field.",
}

BODIES = {
    body.name: body
    for module in (bodies, webhook_bodies)
    for body in vars(module).values()
    if isinstance(body, Body)
}


INTEGER, NUMBER = {"type": "integer"}, {"type": "number"}


def reference(name: str) -> dict[str, Any]:
    return {"$ref": SCHEMAS + name}


def request_schemas(limits: Limits) -> dict[str, Any]:
    """The schemas of all request bodies by name; each holds for whatever the server accepts."""
    bodies = {name: _body_schema(body, limits) for name, body in BODIES.items()}
    return {"NotGiven": NOT_GIVEN, **bodies}


def _body_schema(body: Body, limits: Limits) -> dict[str, Any]:
    fields = {name: _field_schema(field, limits) for name, field in body.fields.items()}
    required = [name for name, field in body.fields.items() if field.required]
    schema = {"type": "object", "properties": fields}
    return {**schema, "required": required} if required else schema


def _field_schema(field: Field, limits: Limits) -> dict[str, Any]:
    schema = dict(field.form.schema(limits))
    form_note = schema.pop("description", "")
    schema = _given(schema) if field.required else _given_or_not(schema)
    description = " ".join(note for note in (field.note, form_note) if note)
    return {**schema, "description": description} if description else schema


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """An empty string is as good as none."""
    return {**schema, "minLength": 1} if "string" in schema.get("type", ()) else schema


def _given_or_not(schema: dict[str, Any]) -> dict[str, Any]:
    if not schema:
        return schema  # It accepts anything.
    if "string" in schema.get("type", ()):
        return {**schema, "type": [*schema["type"], "null"]}
    return {"anyOf": [*schema.get("anyOf", [schema]), reference("NotGiven")]}


def _structs() -> dict[str, type[Struct]]:
    refusals: list[type[Struct]] = [problems.ProblemAnswer, problems.UnauthorizedAnswer, Violation]
    structs = {one.__name__: one for one in refusals}
    for module in (cloud_events, parts, answers, explanation_answers, webhook_answers):
        for name, found in vars(module).items():
            if isinstance(found, type) and issubclass(found, Struct):
                structs[name] = found
    return structs


def answer_schemas(types: Sequence[Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A schema for each of the types, and the schemas by name that they refer to."""
    schemas, components = msgspec.json.schema_components(types, ref_template=SCHEMAS + "{name}")
    structs = _structs()
    known = {name: _answer_schema(structs[name], found) for name, found in components.items()}
    return list(schemas), known


def _answer_schema(struct: type[Struct], schema: dict[str, Any]) -> dict[str, Any]:
    """What msgspec reads from a struct is made for decoding; an answer leaves out only UNSET."""
    schema = {name: value for name, value in schema.items() if name != "title"}
    fields = msgspec.structs.fields(struct)
    schema["required"] = [field.encode_name for field in fields if field.default is not UNSET]
    schema["properties"] = {
        name: _answer_field(struct.__name__, name, found)
        for name, found in schema["properties"].items()
    }
    return schema


def _answer_field(struct: str, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    schema = {key: value for key, value in schema.items() if key != "default"}
    if INTEGER in schema.get("anyOf", ()) and NUMBER in schema["anyOf"]:
        parts = [part for part in schema["anyOf"] if part != INTEGER]
        schema = {"anyOf": parts} if len(parts) > 1 else dict(parts[0])
    nullable = any(part.get("type") == "null" for part in schema.get("anyOf", ()))
    if name in TIMES:
        schema = {"type": ["string", "null"] if nullable else "string", "format": "date-time"}
    if (struct, name) in WORDS:
        schema = {"enum": [*WORDS[struct, name], *([None] if nullable else [])]}
    if (struct, name) in NOTES:
        schema["description"] = NOTES[struct, name]
    return schema
