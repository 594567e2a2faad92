"""The document as Markdown, for docs/api.md: `python -m doorstep.api.openapi.reference`."""

from collections.abc import Iterator, Sequence
from typing import Any

from doorstep.api.documentation import every_route
from doorstep.api.openapi.document import document
from doorstep.api.openapi.outline import Operation, Row, outline
from doorstep.api.tokens import Tokens
from doorstep.domain.limits import Limits

COMMAND = "python -m doorstep.api.openapi.reference > docs/api.md"
PUBLIC_URL = "http://127.0.0.1:8080"


def default_document() -> dict[str, Any]:
    """The document of a server whose settings are all left alone."""
    limits = Limits()
    return document(every_route(Tokens(), limits, PUBLIC_URL), limits, PUBLIC_URL)


def reference_markdown() -> str:
    """The text of docs/api.md."""
    return "\n".join(_lines(default_document())) + "\n"


def _lines(described: dict[str, Any]) -> Iterator[str]:
    said = outline(described)
    yield "# API reference\n"
    yield f"<!-- Made from the code; to make it anew: {COMMAND} -->\n"
    yield "A running server shows this as a page at `/docs`, with its own limits and address, and"
    yield "gives it to programs as OpenAPI 3.1 at `/v2/openapi.json`.\n"
    yield said.about
    for group in said.groups:
        yield f"\n## {group.name}\n\n{group.text}"
        for operation in group.operations:
            yield from _operation(operation)
    yield "\n## Objects"
    for schema in said.schemas:
        yield f"\n### {schema.name}\n"
        if schema.text:
            yield f"{schema.text}\n"
        yield from _table("Field", schema.fields)


def _operation(operation: Operation) -> Iterator[str]:
    yield f"\n### {operation.method} {operation.path}\n"
    yield f"**{operation.summary}.** {operation.text}\n"
    if operation.aliases:
        yield f"Also at {_codes(operation.aliases)}.\n"
    if operation.scopes:
        yield f"Scopes: {_codes(operation.scopes)}.\n"
    else:
        yield "Needs no token.\n"
    if operation.parameters:
        yield from _table("Parameter", operation.parameters)
        yield ""
    if operation.body:
        yield f"Body: {operation.body}. {operation.body_text}\n"
    yield f"```sh\n{operation.curl}\n```\n"
    yield "| Status | Answer | Headers | Meaning |\n|---|---|---|---|"
    for reply in operation.replies:
        headers = _codes(reply.headers)
        yield f"| {reply.status} | {_cell(reply.kind)} | {headers} | {_cell(reply.text)} |"


def _table(heading: str, rows: Sequence[Row]) -> Iterator[str]:
    yield f"| {heading} | Value | Meaning |\n|---|---|---|"
    for row in rows:
        place = f" ({row.place})" if row.place not in ("", "query") else ""
        required = ", required" if row.required else ""
        yield f"| `{row.name}`{place}{required} | {_cell(row.kind)} | {_cell(row.text)} |"


def _codes(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    print(reference_markdown(), end="")
