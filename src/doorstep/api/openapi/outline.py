"""The document as it is read: operations with their rows, for the page and the Markdown.

Texts are in a little Markdown: `code`, and [Name](#name) for a schema.
"""

from typing import Any, NamedTuple

import msgspec

from doorstep.api.openapi.kinds import kind
from doorstep.api.openapi.responses import REQUEST_ID
from doorstep.api.openapi.schemas import SCHEMAS


class Row(NamedTuple):
    """A parameter or a field."""

    name: str
    kind: str
    required: bool
    text: str
    place: str = ""


class Reply(NamedTuple):
    status: str
    text: str
    kind: str
    headers: tuple[str, ...]
    example: str = ""


class Operation(NamedTuple):
    name: str
    method: str
    path: str
    aliases: tuple[str, ...]
    summary: str
    text: str
    scopes: tuple[str, ...]
    parameters: tuple[Row, ...]
    body: str
    body_text: str
    fields: tuple[Row, ...]
    replies: tuple[Reply, ...]
    curl: str


class Group(NamedTuple):
    name: str
    text: str
    operations: tuple[Operation, ...]


class Schema(NamedTuple):
    name: str
    text: str
    fields: tuple[Row, ...]


class Outline(NamedTuple):
    title: str
    version: str
    about: str
    server: str
    groups: tuple[Group, ...]
    schemas: tuple[Schema, ...]


def outline(document: dict[str, Any]) -> Outline:
    info = document["info"]
    return Outline(
        info["title"],
        info["version"],
        info["description"],
        document["servers"][0]["url"],
        tuple(
            Group(tag["name"], tag["description"], _operations(document, tag["name"]))
            for tag in document["tags"]
        ),
        tuple(
            Schema(name, schema.get("description", ""), fields(schema, name.endswith("Request")))
            for name, schema in sorted(document["components"]["schemas"].items())
            if "properties" in schema
        ),
    )


def _operations(document: dict[str, Any], tag: str) -> tuple[Operation, ...]:
    found = [
        (method.upper(), path, said)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if tag in said["tags"]
    ]
    return tuple(
        _operation(
            document,
            method,
            path,
            said,
            tuple(
                other
                for other_method, other, alias in found
                if (other_method, alias.get("x-alias-of")) == (method, path)
            ),
        )
        for method, path, said in found
        if "x-alias-of" not in said
    )


def _operation(
    document: dict[str, Any], method: str, path: str, said: dict[str, Any], aliases: tuple[str, ...]
) -> Operation:
    request = said.get("requestBody", {})
    content = request.get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    named = schema.get("$ref") or schema.get("anyOf", [{}])[0].get("$ref", "")
    body = named.removeprefix(SCHEMAS)
    return Operation(
        name=said["operationId"],
        method=method,
        path=path,
        aliases=aliases,
        summary=said["summary"],
        text=said["description"],
        scopes=tuple(said["security"][0]["bearer"]) if said["security"] else (),
        parameters=tuple(_parameter(one) for one in said.get("parameters", ())),
        body=kind(schema, True) if schema else "",
        body_text=request.get("description", ""),
        fields=fields(document["components"]["schemas"][body], True) if body else (),
        replies=tuple(
            _reply(status, _resolved(document, reply))
            for status, reply in said["responses"].items()
        ),
        curl=_curl(document["servers"][0]["url"], method, path, said, content.get("example")),
    )


def _resolved(document: dict[str, Any], reply: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in reply:
        return reply
    found: dict[str, Any] = document["components"]["responses"][reply["$ref"].rpartition("/")[2]]
    return found


def _reply(status: str, reply: dict[str, Any]) -> Reply:
    nothing: tuple[str, dict[str, Any]] = ("", {})
    form, content = next(iter(reply.get("content", {}).items()), nothing)
    examples = [one["value"] for one in content.get("examples", {}).values()]
    if "example" in content:
        examples = [content["example"]]
    return Reply(
        status,
        reply["description"],
        kind(content["schema"], False) if form.endswith("json") else form,
        # The one header of every answer is told of once, at the beginning.
        tuple(name for name in reply.get("headers", {}) if name != REQUEST_ID),
        "\n\n".join(_indented(example) for example in examples),
    )


def _parameter(said: dict[str, Any]) -> Row:
    return Row(
        said["name"],
        kind(said["schema"], True),
        said.get("required", False),
        said.get("description", ""),
        said["in"],
    )


def fields(schema: dict[str, Any], request: bool) -> tuple[Row, ...]:
    required = schema.get("required", ())
    return tuple(
        Row(name, kind(said, request), name in required, said.get("description", ""))
        for name, said in schema["properties"].items()
    )


def _indented(example: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(example), indent=2).decode()


def _curl(server: str, method: str, path: str, said: dict[str, Any], example: Any) -> str:
    for one in said.get("parameters", ()):
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", one["example"].replace(" ", "%20"))
    line = f"curl {server}{path}"
    if method not in ("GET", "POST"):
        line = f"curl -X {method} {server}{path}"
    if said["security"]:
        line += ' \\\n  -H "Authorization: Bearer $token"'
    if example is not None:
        line += f" \\\n  -d '{_indented(example)}'"
    return line
