"""The variables of a container, read by doorstep's own settings with its secrets mounted."""

from collections.abc import Mapping
from pathlib import Path

from doorstep.config import Settings, load
from tests.deploy.dockerfile import ENVIRON


def settings_of(environ: Mapping[str, str], mount: str, secrets: Path) -> Settings:
    """What a container of the image makes of `environ`, where `secrets` is mounted at `mount`."""
    moved = {name: text.replace(mount, str(secrets)) for name, text in environ.items()}
    return load(environ=ENVIRON | moved)
