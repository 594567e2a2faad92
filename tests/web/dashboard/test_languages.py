"""Every text of the dashboard is there in German, and no text on a page is written in English."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import ModuleType

import pytest

from doorstep.web.dashboard.wording import LANGUAGES
from tests.catalogues import check_catalogue, check_languages, sources, used

PACKAGE = "doorstep.web.dashboard"
EXPLANATIONS = "doorstep.domain.explanation_sentences"
TRANSLATED = [language for language in LANGUAGES if language != "en"]

TRANSLATORS = {"translated": 0, "translate": 1, "_say": 1}
"""What looks a text up, by the place of the text in its arguments."""

MARKED = re.compile(r"{#.*?#}|{%-?\s*trans\b.*?{%-?\s*endtrans\s*-?%}|{%.*?%}|{{.*?}}", re.DOTALL)
SPOKEN = re.compile(r'\b(?:aria-label|alt|title|placeholder)="([^"]*)"')
ATTRIBUTE = re.compile(r'[a-z-]+="[^"]*"')
LETTERS = re.compile(r"[^\W\d_]{2,}")
SAME_IN_EVERY_LANGUAGE = {
    "doorstep",
    "doorstep key create",
    "/docs",
    ", HTTP",
    "selected",
    "autofocus",
}


def test_the_languages_are_those_of_the_dashboard() -> None:
    check_languages(PACKAGE, TRANSLATED)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_each_text_and_no_other(language: str) -> None:
    check_catalogue(PACKAGE, language, EXPLANATIONS)


def test_what_is_looked_up_is_marked() -> None:
    known = used(PACKAGE)
    looked_up = {text for path in sources(PACKAGE, "py") for text in _looked_up(path)}
    assert len(looked_up) > 50
    assert looked_up <= known, looked_up - known


def _looked_up(path: Traversable) -> Iterator[str]:
    """Texts that stand in a call that looks them up, or in the constants that it names."""
    module = _module(path)
    for call in ast.walk(ast.parse(path.read_text())):
        if isinstance(call, ast.Call) and _name(call.func) in TRANSLATORS:
            yield from _texts(call.args[TRANSLATORS[_name(call.func)]], module)


def _module(path: Traversable) -> ModuleType:
    inside = str(path).removeprefix(str(files(PACKAGE)))
    return import_module(PACKAGE + inside.removesuffix(".py").replace("/", "."))


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _texts(node: ast.AST, module: ModuleType) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name):
            yield from _leaves(vars(module).get(name))
        case ast.Subscript(value=value):
            yield from _texts(value, module)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body, module)
            yield from _texts(orelse, module)
        case ast.Call(func=ast.Name(id="_"), args=[text]):
            yield from _texts(text, module)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)


def test_no_text_on_a_page_is_unmarked() -> None:
    templates = sources(PACKAGE, "html")
    assert len(templates) > 20
    found = [(path.name, text) for path in templates for text in _unmarked(path.read_text())]
    assert found == []


def test_an_unmarked_text_is_noticed() -> None:
    page = '<p class="a">Old {{ _("Marked") }}</p>{% if a > b %}<img alt="New {{ x }}">{% endif %}'
    assert list(_unmarked(page)) == ["New", "Old"]


def _unmarked(text: str) -> Iterator[str]:
    """What a reader sees or hears of it that is not looked up."""
    text = MARKED.sub("", text)
    seen = ATTRIBUTE.sub("", re.sub(r"<[^>]*>", "\n", text)).splitlines()
    for line in map(str.strip, [*SPOKEN.findall(text), *seen]):
        if LETTERS.search(line) and line.strip("– ") not in SAME_IN_EVERY_LANGUAGE:
            yield line
