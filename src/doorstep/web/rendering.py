"""Making pages of templates: whatever comes from outside is text on them."""

import hashlib
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from msgspec import Struct

from doorstep.service.languages import Catalogues

translate = Catalogues("doorstep.web").translate

HASH_LENGTH = 16
MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


class StaticFile(Struct, frozen=True):
    content: bytes
    media_type: str


def _static_files() -> tuple[dict[str, str], dict[str, StaticFile]]:
    """The paths by name, and the files by path: a changed file has another path."""
    paths, found = {}, {}
    for file in files("doorstep.web").joinpath("static").iterdir():
        content = file.read_bytes()
        stem, _, ending = file.name.rpartition(".")
        digest = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
        paths[file.name] = f"/static/{stem}.{digest}.{ending}"
        found[paths[file.name]] = StaticFile(content, MEDIA_TYPES[ending])
    return paths, found


STATIC_PATHS, STATIC_FILES = _static_files()


@cache
def _templates(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("doorstep.web"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
    )
    environment.globals["static"] = STATIC_PATHS.__getitem__
    into: Any = environment
    into.install_gettext_callables(
        partial(translate, language),
        lambda one, many, count: translate(language, one if count == 1 else many),
        newstyle=True,
    )
    return environment


def render(template: str, language: str, **shown: object) -> str:
    return _templates(language).get_template(template).render(language=language, **shown)
