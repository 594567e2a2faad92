"""systemd's units: understood, hardened, and not hardened beyond what doorstep needs."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from doorstep.client import Client
from tests.conftest import clean_environment
from tests.deploy.test_operations import section
from tests.deploy.tools import DEPLOY, tool, unit_lines

UNITS = sorted(path.name for path in DEPLOY.glob("doorstep*.*"))
PROGRAM = "/opt/doorstep/bin/doorstep"
ONLY_AS_ROOT = {"fchown"}
"""SQLite gives its side files to the database's owner, where it is run by root."""

MOST_EXPOSED = "15"
"""In tenths on systemd's scale from 0.0 to 10.0; units without any hardening stand at 9.6."""


def analyze(*arguments: str) -> str:
    said = subprocess.run(
        [tool("systemd-analyze"), *arguments], capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout + said.stderr


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units with a program that is there."""
    for unit in UNITS:
        text = (DEPLOY / unit).read_text().replace(PROGRAM, "/bin/true")
        (tmp_path / unit).write_text(text)
    return tmp_path


def test_systemd_understands_the_units(units: Path) -> None:
    assert len(UNITS) == 4
    assert analyze("verify", *(str(units / unit) for unit in UNITS)) == ""


def test_systemd_understands_how_a_secret_is_handed_over(units: Path) -> None:
    (block,) = re.findall(r"^    (\[Service\]\n(?:    .*\n)+)", section("Settings"), re.MULTILINE)
    drop_in = units / "doorstep.service.d" / "secret.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(block)
    assert analyze("verify", str(units / "doorstep.service")) == ""


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.endswith(".service")])
def test_the_services_are_hardened(units: Path, unit: str) -> None:
    analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(units / unit))


def test_the_worker_may_do_what_the_server_may() -> None:
    """One file of settings for both, and the same program, so that one trace speaks for both."""
    of_server, of_worker = (
        {line for line in (DEPLOY / unit).read_text().splitlines() if re.match(r"\w+=", line)}
        for unit in ("doorstep.service", "doorstep-worker.service")
    )
    own = {f"ExecStart={PROGRAM} worker"}
    assert {line for line in of_worker - of_server if not line.startswith("Description")} == own
    assert "EnvironmentFile=-/etc/doorstep/doorstep.env" in of_worker


def system_calls(named: str) -> set[str]:
    """What a filter of systemd's names, the sets within it included."""
    calls: set[str] = set()
    for line in analyze("syscall-filter", named).splitlines():
        name = line.strip()
        if name.startswith("@") and name != named:
            calls |= system_calls(name)
        elif re.fullmatch(r"\w+", name):
            calls.add(name)
    return calls


@contextmanager
def traced(database: Path, trace: Path) -> Iterator[str]:
    """The address of a server all of whose system calls are written down."""
    process = subprocess.Popen(
        [
            # -D: the process is the server itself, which can be told to stop.
            *(tool("strace"), "-D", "-f", "-qq", "-o", str(trace)),
            *(sys.executable, "-m", "doorstep.cli", "serve", "--port", "0"),
            *("--database", f"sqlite:///{database}"),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )
    assert process.stdout is not None
    with process.stdout as said:
        try:
            yield said.readline().split(" serves ")[1].split("/v2")[0]
        finally:
            process.terminate()
            # The tracer has it too, so that it ends when the trace is whole.
            said.read()
            process.wait()


def test_doorstep_needs_nothing_that_its_unit_forbids(
    sqlite_file: Path, access_key: str, tmp_path: Path
) -> None:
    """Without systemd running: what the unit allows is held against a trace."""
    trace = tmp_path / "trace"
    with traced(sqlite_file, trace) as url, Client(url, access_key) as client:
        client.create_order("A")
        assert [order.order_id for order in client.orders()] == ["A"]
        for path in ("/readyz", "/metrics", "/docs"):
            assert httpx.get(f"{url}{path}").status_code == 200
    called = re.findall(r"^\d+ +(\w+)\((.*)", trace.read_text(), re.MULTILINE)
    assert {"fdatasync", "bind", "exit_group"} <= {name for name, _ in called}
    allowed, forbidden = unit_lines("doorstep.service", "SystemCallFilter")
    names = system_calls(allowed)
    for each in forbidden.removeprefix("~").split():
        names -= system_calls(each)
    assert {name for name, _ in called} - names <= ONLY_AS_ROOT
    (families,) = unit_lines("doorstep.service", "RestrictAddressFamilies")
    assert {rest.split(",")[0] for name, rest in called if name == "socket"} <= {*families.split()}
    # What MemoryDenyWriteExecute refuses.
    writable_code = [rest for name, rest in called if name == "mmap" and "WRITE|PROT_EXEC" in rest]
    made_code = [rest for name, rest in called if "mprotect" in name and "PROT_EXEC" in rest]
    assert writable_code + made_code == []


def test_systemd_knows_when_the_copy_is_made() -> None:
    (when,) = unit_lines("doorstep-backup.timer", "OnCalendar")
    assert "Next elapse" in analyze("calendar", when)
