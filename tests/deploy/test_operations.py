"""docs/operations.md: its commands do what it says, its tables are those of the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from doorstep import http_protocol, serving
from doorstep.api import call, held_bytes, paging, tokens
from doorstep.client import Client, NotFound
from doorstep.config import SETTINGS
from tests.conftest import Server, clean_environment
from tests.deploy.tools import ROOT

PAGE = (ROOT / "docs/operations.md").read_text()
FIXED_LIMITS = [
    http_protocol.MOST_HEAD_BYTES,
    http_protocol.MOST_HEADERS,
    held_bytes.MOST_HELD_BYTES,
    tokens.MOST_FAILURES,
    paging.MOST_PER_PAGE,
    paging.MOST_OFFSET,
    paging.MOST_FILTERS,
    call.MOST_KEY_LENGTH,
    serving.KEEP_ALIVE_SECONDS,
    serving.SECONDS_TO_FINISH,
]
"""In the order of the page's second table of limits."""


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


class Machine:
    """Runs the page's commands in folders of a test, on a server of its own."""

    def __init__(self, tmp_path: Path, database: Path) -> None:
        self.state, self.backups = database.parent, tmp_path / "backups"
        self.backups.mkdir()
        self.server = Server(database)
        self.said = ""
        self._stand_for = {
            "sudo -u doorstep ": "",
            "-o doorstep -g doorstep ": "",
            "/opt/doorstep/bin/doorstep": f"{Path(sys.executable).parent}/doorstep",
            "/var/lib/doorstep": str(self.state),
            "/var/backups/doorstep": str(self.backups),
            "/tmp/rehearsal.db": f"{tmp_path}/rehearsal.db",
        }

    def follow(self, title: str) -> None:
        """Runs each block of commands in a section; systemctl is the server of the test."""
        for block in re.findall(r"```sh\n(.*?)```", section(title), re.DOTALL):
            for part in re.split(r"^(systemctl .*)\n", block, flags=re.MULTILINE):
                if part == "systemctl stop doorstep":
                    assert self.server.stop() == 0
                elif part == "systemctl start doorstep":
                    self.server = Server(self.state / "doorstep.db")
                else:
                    self._run(part)

    def _run(self, commands: str) -> None:
        for old, new in self._stand_for.items():
            commands = commands.replace(old, new)
        commands = commands.replace("http://127.0.0.1:8080", self.server.url)
        shell = ["bash", "-euc", f"cd {self.state}\n{commands}"]
        done = subprocess.run(shell, capture_output=True, text=True, env=clean_environment())
        assert done.returncode == 0, commands + done.stderr
        self.said += done.stdout


def test_the_page_leads_from_a_backup_back_to_it(
    tmp_path: Path, sqlite_file: Path, access_key: str
) -> None:
    machine = Machine(tmp_path, sqlite_file)
    try:
        with Client(machine.server.url, access_key) as client:
            client.create_order("BEFORE", order_items=[{"sku": "A"}])
            machine.follow("Backup")
            client.create_order("AFTER")
        machine.follow("Restore")
        with Client(machine.server.url, access_key) as client:
            assert client.order("BEFORE").order_items[0].sku == "A"
            with pytest.raises(NotFound):
                client.order("AFTER")
        machine.follow("Upgrade and downgrade")
    finally:
        machine.server.stop()
    assert machine.said.count("1 orders replayed, 0 faults\n") == 2
    assert machine.said.endswith("doorstep-before-upgrade.db.\n")
    assert {path.name for path in (machine.state / "replaced").iterdir()} >= {"doorstep.db"}
    assert (machine.state / "doorstep.db").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("rehearsal*"))


def test_the_table_of_limits_is_that_of_the_settings() -> None:
    shown = re.findall(
        r"^\| `(DOORSTEP_\w+)` \| (\S+) \| (\S+) \|", section("Limits"), re.MULTILINE
    )
    numbers = [setting for setting in SETTINGS if setting.form.must_be.startswith("a whole number")]
    assert shown == [
        (setting.variable, f"{setting.default:,}", f"{int(setting.form.must_be.split()[-1]):,}")
        for setting in numbers
        if setting.name not in ("port", "worker_port")
    ]


def test_the_other_limits_are_those_of_the_code() -> None:
    table = section("Limits").split("Not settings:")[1]
    shown = [line.split(" | ")[1] for line in table.splitlines() if line.startswith("| ")][1:]
    assert [int(re.sub(r"\D", "", cell)) for cell in shown] == FIXED_LIMITS


def test_every_variable_that_the_page_names_is_a_setting() -> None:
    known = {variable for setting in SETTINGS for variable in setting.variables}
    assert set(re.findall(r"DOORSTEP_[A-Z_]+", PAGE)) <= known
