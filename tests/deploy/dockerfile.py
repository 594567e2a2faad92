"""The Dockerfile as an engine reads it."""

import json
import re
from io import BytesIO
from typing import NamedTuple

from dockerfile_parse import DockerfileParser

from tests.deploy.tools import ROOT

TEXT = (ROOT / "Dockerfile").read_bytes()
PATH_OF_THE_BASE = "/usr/local/bin:/usr/bin:/bin"
_parser = DockerfileParser(fileobj=BytesIO(TEXT), parent_env={"PATH": PATH_OF_THE_BASE})

ENVIRON: dict[str, str] = _parser.envs
"""The variables of the last stage, of which the image is made."""


class Instruction(NamedTuple):
    name: str
    value: str


def _stages() -> list[list[Instruction]]:
    stages: list[list[Instruction]] = []
    for found in _parser.structure:
        if found["instruction"] == "FROM":
            stages.append([])
        if found["instruction"] != "COMMENT":
            stages[-1].append(Instruction(found["instruction"], found["value"]))
    return stages


BUILD, FINAL = _stages()


def value_of(name: str) -> str:
    """What the image's stage says once, in one instruction."""
    (value,) = [value for found, value in FINAL if found == name]
    return value


def words_of(name: str) -> list[str]:
    """A command in the exec form: no shell stands between it and the signals."""
    words: list[str] = json.loads(re.sub(r"^.*?(?=\[)", "", value_of(name)))
    return words


def copied(stage: list[Instruction]) -> list[tuple[list[str], str]]:
    """What a stage copies of the folder of the build, and where to."""
    lines = [value.split() for name, value in stage if name == "COPY"]
    return [(words[:-1], words[-1]) for words in lines if not words[0].startswith("--from=")]
