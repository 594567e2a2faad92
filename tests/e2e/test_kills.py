"""`kill -9` at any moment: whatever was acknowledged is there and whole, nothing is half there.

In the long form (`make kill-test`) 200 times.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import TypeAlias

import httpx
import pytest

from tests.conftest import Server, clean_environment, doorstep, progress, serve_command
from tests.e2e.mixed_load import GONE, Ledger, outline, run_client
from tests.e2e.required import require_strace
from tests.e2e.signed_in import signed_in, stored_order, without_address

SEED = 3
KILLS, KILLS_IN_SUITE = 200, 4
CLIENTS = range(8, 17)
KILLS_BETWEEN_VERIFICATIONS = 20
START_SECONDS = 1.5
COMMIT_SECONDS = 0.01
MOST_ACKNOWLEDGED = 200
BACKED_UP = 20
MOST_LOOKS, LOOK_SECONDS = 100_000, 0.0005

Rounds: TypeAlias = dict[str, list[Ledger]]
Kill: TypeAlias = Callable[[Server, threading.Semaphore, Random], None]


def kill_in_a_checkpoint(server: Server, acknowledged: threading.Semaphore, chance: Random) -> None:
    """The database's own file is written in checkpoints only."""
    before = server.path.stat().st_mtime_ns
    for _ in range(MOST_LOOKS):
        if server.path.stat().st_mtime_ns != before:
            break
        time.sleep(LOOK_SECONDS)
    server.process.kill()


def kill_under_load(server: Server, acknowledged: threading.Semaphore, chance: Random) -> None:
    for _ in range(chance.randrange(MOST_ACKNOWLEDGED)):
        if not acknowledged.acquire(timeout=30):
            return  # the clients failed, and say why
    # Not to wait for anything: to meet a commit in any of its phases.
    time.sleep(chance.uniform(0, COMMIT_SECONDS))
    server.process.kill()


def kill_at_start(path: Path, chance: Random) -> None:
    with subprocess.Popen(
        serve_command(path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
    ) as starting:
        time.sleep(chance.uniform(0, START_SECONDS))
        starting.kill()


HOW = (kill_under_load, kill_at_start, kill_in_a_checkpoint)


def clear_up(http: httpx.Client, ledger: Ledger) -> None:
    """The write that was cut off is wholly there or not at all; tried again, it is there once."""
    if ledger.doubt is None:
        return
    name, step, answer = ledger.doubt
    whole = step.outlines[-1]
    found = stored_order(http, name)
    was_done = outline(found) == whole
    assert was_done or answer is None, f"acknowledged, but not there: {ledger.doubt}, {found}"
    again = step.send(http)
    order = ledger.orders[name] = stored_order(http, name)
    assert outline(order) == whole, (ledger.doubt, order)
    if was_done:
        assert order == found, (ledger.doubt, order)
    if step.method == "DELETE" and was_done:
        assert again.status_code == 404
    else:
        assert again.is_success, (ledger.doubt, again.text)
    if step.method == "POST" and len(step.outlines) == 1:
        is_known = again.status_code == 200 or "Idempotent-Replayed" in again.headers
        assert is_known == was_done, (ledger.doubt, again.headers)
    if answer is not None and step.key is not None:
        assert again.json() == answer.json()
    ledger.doubt = None


def check(http: httpx.Client, round_name: str, ledgers: list[Ledger]) -> None:
    """Every order of a round is as its client was shown it last, but for the write in doubt."""
    listed = http.get("/v2/orders", params={"order_tags[round]": round_name}).json()
    found = {order["order_id"]: without_address(order) for order in listed}
    for ledger in ledgers:
        doubt = ledger.doubt
        if doubt is not None:
            there = found.pop(doubt.name, GONE)
            is_untouched = there == ledger.orders.pop(doubt.name, GONE)
            assert is_untouched or outline(there) in doubt.step.outlines, (doubt, there)
        for name, shown in ledger.orders.items():
            there = found.pop(name, GONE)
            assert there == shown, f"{name} was acknowledged as {shown}, and is {there}"
    assert not found, f"nobody asked for {list(found)}"


def settle(server: Server, access_key: str, rounds: Rounds) -> None:
    """Compares what a new server shows with what was promised by those that were killed."""
    with signed_in(server.url, access_key) as http:
        for name, ledgers in rounds.items():
            check(http, name, ledgers)
            for ledger in ledgers:
                clear_up(http, ledger)


def test_what_was_acknowledged_survives_kills(database: Path, access_key: str, long: bool) -> None:
    kills, chance = KILLS if long else KILLS_IN_SUITE, Random(SEED)
    rounds: Rounds = {}
    last: Rounds = {}
    with progress("Killing", kills) as advance:
        for number in range(kills):
            how = HOW[number % len(HOW)]
            if how is kill_at_start:
                kill_at_start(database, chance)
            else:
                with Server(database) as server:
                    settle(server, access_key, last)
                    last = {str(number): loaded(server, access_key, str(number), how, chance)}
                rounds |= last
            if (number + 1) % KILLS_BETWEEN_VERIFICATIONS == 0:
                verify(database)
            advance(1)
    with Server(database) as server:
        settle(server, access_key, last)
        settle(server, access_key, rounds)
    assert sum(len(ledger.orders) for ledgers in rounds.values() for ledger in ledgers) > kills
    verify(database)


def loaded(
    server: Server, access_key: str, round_name: str, kill: Kill, chance: Random
) -> list[Ledger]:
    """What the clients know of a server that was killed under their load."""
    acknowledged = threading.Semaphore(0)
    count = chance.choice(CLIENTS)
    with ThreadPoolExecutor(count) as clients:
        names = [f"R{round_name}-{number}" for number in range(count)]
        running = [
            clients.submit(
                run_client, server.url, access_key, name, round_name, acknowledged.release
            )
            for name in names
        ]
        try:
            kill(server, acknowledged, chance)
        finally:
            server.process.kill()
    return [client.result() for client in running]


def verify(database: Path) -> str:
    checked = doorstep("verify", "--database", f"sqlite:///{database}")
    assert checked.stdout.endswith(" 0 faults\n"), checked
    return checked.stdout


@pytest.mark.parametrize(("call", "n"), [("pwrite64", 30), ("rename", 1)])
def test_a_killed_backup_leaves_none_or_a_whole_one(
    server: Server, access_key: str, tmp_path: Path, call: str, n: int
) -> None:
    """While it is served; and what it left does not disturb the next one."""
    require_strace()
    copy = tmp_path / "copy.db"
    backup = [sys.executable, "-m", "doorstep.cli", "backup", str(copy)]
    backup += ["--database", f"sqlite:///{server.path}"]
    strace = ["strace", "--output=/dev/null", f"--inject={call}:signal=KILL:when={n}"]
    with signed_in(server.url, access_key) as http:
        for number in range(BACKED_UP):
            http.post("/v2/order", json={"order_id": f"A-{number}"}).raise_for_status()
        killed = subprocess.run([*strace, *backup], env=clean_environment())
        assert killed.returncode == -signal.SIGKILL
        if not copy.exists():
            assert subprocess.run(backup, env=clean_environment()).returncode == 0
    assert verify(copy).startswith(f"{BACKED_UP} orders ")
