"""The Dockerfile: linted, hardened, and in one with what the pages say of it."""

import re
import subprocess
import sys
from pathlib import Path

from doorstep.config import load
from tests.deploy.container import SECONDS_TO_STOP
from tests.deploy.dockerfile import BUILD, ENVIRON, FINAL, copied, value_of
from tests.deploy.test_operations import section
from tests.deploy.tools import ROOT


def test_hadolint_finds_nothing() -> None:
    command = [Path(sys.executable).with_name("hadolint"), ROOT / "Dockerfile"]
    found = subprocess.run(command, capture_output=True, text=True)
    assert (found.stdout + found.stderr, found.returncode) == ("", 0)


def test_both_stages_begin_with_the_same_base_by_its_version() -> None:
    bases = {stage[0].value.split()[0] for stage in (BUILD, FINAL)}
    assert len(bases) == 1
    # The name alone: no host of a registry before it, and a tag that stays with its Python.
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", bases.pop())


def test_the_user_has_a_number_and_owns_the_volume_alone() -> None:
    user, group = value_of("USER").split(":")
    assert int(user) >= 1000
    made = value_of("RUN")
    assert f"--gid {group} doorstep" in made
    assert f"--uid {user} --gid {group} " in made
    assert f"install -d -m 700 -o doorstep -g doorstep {value_of('VOLUME')}" in made
    assert value_of("WORKDIR") == value_of("VOLUME")
    # Kubernetes and engines know a user only by the number, so it must stand last.
    names = [name for name, _ in FINAL]
    assert names.index("USER") > names.index("RUN")


def test_nothing_but_what_the_lock_names_is_fetched() -> None:
    installs = [value for name, value in BUILD if name == "RUN" and " install " in value]
    assert len(installs) == 2
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)
    assert "ADD" not in {name for name, _ in (*BUILD, *FINAL)}


def test_the_context_is_what_is_copied_and_nothing_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    wanted = {f"!{source}" for sources, _ in copied(BUILD) for source in sources}
    assert {line for line in ignored if not line.startswith("#")} == {
        "*",
        "**/__pycache__",
    } | wanted
    assert ignored.index("*") < min(ignored.index(line) for line in wanted)
    assert copied(FINAL) == []


def test_the_variables_are_settings_and_leave_the_secrets_to_be_given() -> None:
    settings = load(environ=ENVIRON)
    assert settings.host == "0.0.0.0"
    assert settings.port == int(value_of("EXPOSE"))
    assert settings.sources["database"] == settings.sources["signing_secret"] == "default"


def test_the_page_runs_the_image_as_it_is_meant() -> None:
    page = section("In a container")
    (stop,) = re.findall(r"--stop-timeout (\d+)", page)
    assert int(stop) > SECONDS_TO_STOP
    assert "--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges" in page
    assert f"--volume doorstep:{value_of('VOLUME')} " in page
    assert f"--publish 127.0.0.1:8080:{value_of('EXPOSE')} " in page
    assert f"as the user {value_of('USER').split(':')[0]}," in page
