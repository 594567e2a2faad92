"""The document as one HTML page that needs nothing else: no network, no script."""

import re
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from doorstep.api.openapi.outline import outline

STYLE = (files("doorstep.api.openapi") / "page.css").read_text("utf-8")

CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[(\w+)\]\((#\w+)\)")
BULLET = "* "


def marked(text: str) -> Markup:
    """A line of little Markdown: `code` and [Name](#name)."""
    escaped = CODE.sub(r"<code>\1</code>", str(escape(text)))
    return Markup(LINK.sub(r'<a href="\2">\1</a>', escaped))


def paragraphs(text: str) -> Markup:
    """Paragraphs and lists of little Markdown."""
    found = []
    for block in text.split("\n\n"):
        if block.startswith(BULLET):
            entries = (line.removeprefix(BULLET) for line in block.split("\n"))
            listed = "".join(f"<li>{marked(entry)}</li>" for entry in entries)
            found.append(f"<ul>{listed}</ul>")
        else:
            found.append(f"<p>{marked(block)}</p>")
    return Markup("\n".join(found))


def page(document: dict[str, Any]) -> str:
    environment = Environment(
        loader=PackageLoader("doorstep.api.openapi", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(marked=marked, paragraphs=paragraphs)
    template = environment.get_template("page.html")
    return template.render(style=Markup(STYLE), outline=outline(document))
