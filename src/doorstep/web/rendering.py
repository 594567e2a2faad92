"""Making pages of templates: whatever comes from outside is text on them."""

import hashlib
from importlib.resources import files

from msgspec import Struct

from doorstep.service.templates import Templates

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


TEMPLATES = Templates("doorstep.web", static=STATIC_PATHS.__getitem__)
render, translate = TEMPLATES.render, TEMPLATES.translate
