"""compose.yaml: valid, hardened, and with settings that doorstep takes."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from doorstep.client import Client
from tests.deploy.container import SECONDS_TO_STOP, Container
from tests.deploy.dockerfile import value_of
from tests.deploy.mounted import settings_of
from tests.deploy.tools import ROOT, free_port, replaced
from tests.postgres import SUPERUSER, Postgres

FILE = ROOT / "compose.yaml"
WHOLE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, Any] = WHOLE["services"]
DOORSTEP, POSTGRES = SERVICES["doorstep"], SERVICES["postgres"]
MOUNT = "/run/secrets"


def commands_for_the_secrets() -> str:
    (block,) = re.findall(
        r"```sh\n(.*?)```",
        (ROOT / "docs/scaling.md").read_text().split("\n### With compose\n")[1].split("\n#")[0],
        re.DOTALL,
    )
    commands: str = block.split("docker compose")[0]
    return commands


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """The files that the page's commands make."""
    subprocess.run(["bash", "-euc", commands_for_the_secrets()], cwd=tmp_path, check=True)
    return tmp_path / "secrets"


def test_the_file_is_what_the_specification_of_compose_allows() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    command = [check, "--builtin-schema", "vendor.compose-spec", FILE]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_hardened_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert not {"privileged", "network_mode", "pid"} & service.keys()
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_doorstep_has_no_privilege_at_all_and_time_to_stop() -> None:
    assert "cap_add" not in DOORSTEP
    assert int(DOORSTEP["stop_grace_period"].removesuffix("s")) > SECONDS_TO_STOP
    assert "/tmp" in DOORSTEP["tmpfs"]
    (published,) = DOORSTEP["ports"]
    assert published.endswith(f":{value_of('EXPOSE')}")


def test_doorstep_takes_its_settings(secrets: Path) -> None:
    settings = settings_of(DOORSTEP["environment"], MOUNT, secrets)
    user, database = (POSTGRES["environment"][f"POSTGRES_{name}"] for name in ("USER", "DB"))
    password = (secrets / "postgres_password").read_text()
    assert settings.database == f"postgresql://{user}:{password}@postgres/{database}"
    assert settings.signing_secret == (secrets / "signing_secret").read_text().strip()


@pytest.fixture
def postgres_of_the_file(secrets: Path) -> Iterator[Postgres]:
    """A server with the user, the database and the password that the file gives to its own."""
    environ = POSTGRES["environment"]
    assert environ["POSTGRES_USER"] == SUPERUSER
    with Postgres(password=(secrets / "postgres_password").read_text()) as server:
        server.create_database(environ["POSTGRES_DB"])
        yield server


def test_the_image_serves_from_postgresql_with_what_the_file_gives_it(
    installed: Path, secrets: Path, tmp_path: Path, postgres_of_the_file: Postgres
) -> None:
    database = secrets / "database"
    place = {"@postgres/": f"@127.0.0.1:{postgres_of_the_file.port}/"}
    database.write_text(replaced(database.read_text(), place))
    data = tmp_path / "data"
    data.mkdir()
    given = DOORSTEP["environment"]
    with closing(Container(installed, data, free_port(), given, {MOUNT: secrets})) as container:
        container.start()
        made = container.execute("doorstep", "account", "create", "Shop", "--json")
        with Client(container.url, json.loads(made.stdout)["access_key"]) as client:
            client.create_order("A")
        assert container.health() == 0
        assert container.stop() == 0
        assert container.execute("doorstep", "verify").stdout == "1 orders replayed, 0 faults\n"
    assert list(data.iterdir()) == []


def test_each_secret_is_made_granted_and_kept_out_of_git_and_image(secrets: Path) -> None:
    used: dict[str, set[str]] = {
        name: set(re.findall(rf"{MOUNT}/(\w+)", str(service["environment"])))
        for name, service in SERVICES.items()
    }
    assert {name: set(service["secrets"]) for name, service in SERVICES.items()} == used
    assert WHOLE["secrets"] == {
        name: {"file": f"secrets/{name}"} for name in set().union(*used.values())
    }
    assert {path.name for path in secrets.iterdir()} == WHOLE["secrets"].keys()
    # Containers read them as users of their own; the folder keeps everybody else out.
    assert {path.stat().st_mode & 0o777 for path in secrets.iterdir()} == {0o644}
    assert secrets.stat().st_mode & 0o777 == 0o700
    ignored = ["git", "check-ignore", "--quiet", "secrets/database"]
    assert subprocess.run(ignored, cwd=ROOT).returncode == 0


def test_doorstep_starts_after_postgresql_which_only_it_reaches() -> None:
    assert DOORSTEP["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "healthcheck" in POSTGRES
    assert "ports" not in POSTGRES
    (network,) = POSTGRES["networks"]
    assert network in DOORSTEP["networks"]
    assert WHOLE["networks"][network] == {"internal": True}


def test_the_database_is_on_a_volume_where_this_version_of_the_image_keeps_it() -> None:
    assert POSTGRES["image"] == "postgres:18"
    # A volume at data/, as before 18, would stay empty beside one that goes with the container.
    assert POSTGRES["volumes"] == ["postgres:/var/lib/postgresql"]
    assert "postgres" in WHOLE["volumes"]
