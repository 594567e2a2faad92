"""`doorstep purge`: how old, whose, and not by mistake."""

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from doorstep.cli.commands import Mistake
from doorstep.cli.purging import period_before
from doorstep.clock import now
from tests.conftest import Server, clean_environment, doorstep, new_access_key, url_of
from tests.databases import execute
from tests.e2e.open_orders import build
from tests.e2e.signed_in import signed_in

YEAR = 365 * 86_400 * 1_000_000


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("1d", "2028-02-28"),
        ("90d", "2027-12-01"),
        ("1m", "2028-01-29"),
        ("12m", "2027-02-28"),  # There was no 29th.
        ("18m", "2026-08-29"),
        ("2y", "2026-02-28"),
        ("4y", "2024-02-29"),
    ],
)
def test_months_and_years_are_those_of_the_calendar(period: str, expected: str) -> None:
    moment = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert period_before(moment, period) == datetime.fromisoformat(f"{expected}T12:00:00+00:00")


@pytest.mark.parametrize("period", ["", "2", "0d", "-1d", "2w", "2 y", "1.5y", "9999y", "٢y"])
def test_no_other_period_is_taken(period: str) -> None:
    with pytest.raises(Mistake, match="--older-than"):
        period_before(datetime(2028, 2, 29, tzinfo=UTC), period)


def old_orders(path: Path, count: int) -> None:
    """In the first account, three years old."""
    new_access_key(path)
    build(path, [now() + YEAR] * count, now() - 3 * YEAR, lambda by: None)


def count(database: Path | str) -> int:
    found: int = execute(url_of(database), "SELECT count(*) FROM orders")[0][0]
    return found


def test_it_counts_and_deletes(sqlite_file: Path) -> None:
    old_orders(sqlite_file, 130)
    where = ("--database", url_of(sqlite_file))
    told = doorstep("purge", "--older-than", "2y", "--dry-run", *where)
    assert told.stdout.startswith("Shop: 130 orders\n130 orders would be deleted, untouched since ")
    refused = doorstep("purge", "--older-than", "2y", *where)
    assert (refused.returncode, count(sqlite_file)) == (2, 130)
    assert "--yes" in refused.stderr
    done = doorstep("purge", "Shop", "--older-than", "18m", "--yes", "--json", *where)
    said = json.loads(done.stdout)
    assert (said["orders"], said["deleted"], said["failed"]) == (130, 130, 0)
    assert count(sqlite_file) == 0
    deleted = "SELECT count(*) FROM events WHERE type = 'order.deleted'"
    assert execute(url_of(sqlite_file), deleted) == [(130,)]


@pytest.mark.parametrize(("answer", "left"), [("n", 3), ("y", 0)])
def test_on_a_terminal_it_asks(sqlite_file: Path, answer: str, left: int) -> None:
    old_orders(sqlite_file, 3)
    ours, theirs = pty.openpty()
    purge = [sys.executable, "-m", "doorstep.cli", "purge", "--older-than", "2y"]
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run(
        [*purge, "--database", url_of(sqlite_file)],
        stdin=theirs,
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=60,
    )
    for end in (ours, theirs):
        os.close(end)
    assert "Delete 3 orders" in done.stderr
    assert count(sqlite_file) == left


def test_it_works_beside_a_server_and_goes_on_where_it_was_killed(sqlite_file: Path) -> None:
    old_orders(sqlite_file, 900)
    key = new_access_key(sqlite_file)
    command = [sys.executable, "-m", "doorstep.cli", "purge", "--older-than", "2y", "--yes"]
    with Server(sqlite_file) as server, signed_in(server.url, key) as client:
        first = subprocess.Popen(
            [*command, "--database", url_of(sqlite_file)],
            stdout=subprocess.DEVNULL,
            env=clean_environment(),
        )
        while count(sqlite_file) > 800:
            assert first.poll() is None
        first.kill()
        first.wait()
        assert 0 < count(sqlite_file) < 900
        second = subprocess.Popen(
            [*command, "--database", url_of(sqlite_file)],
            stdout=subprocess.DEVNULL,
            env=clean_environment(),
        )
        served = 0
        while second.poll() is None:
            assert client.post("/v2/order", json={"order_id": f"{served}"}).status_code == 201
            served += 1
        assert second.wait() == 0
    assert served > 0
    assert count(sqlite_file) == served
    deleted = "SELECT count(*) FROM events WHERE type = 'order.deleted'"
    assert execute(url_of(sqlite_file), deleted) == [(900,)]
    assert "0 faults" in doorstep("verify", "--database", url_of(sqlite_file)).stdout
