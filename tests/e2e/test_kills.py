"""`kill -9` at any moment: whatever was acknowledged is there and whole, nothing is half there.

In the long form (`make kill-test`) 200 times.
"""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random

from tests.conftest import Server, clean_environment, progress, serve_command
from tests.e2e.promises import Rounds, loaded, settle, verify
from tests.e2e.required import require_strace
from tests.e2e.signed_in import signed_in

SEED = 3
KILLS, KILLS_IN_SUITE = 200, 3
KILLS_BETWEEN_VERIFICATIONS = 20
START_SECONDS = 1.5
COMMIT_SECONDS = 0.01
MOST_ACKNOWLEDGED = 200
BACKED_UP, BACKUP_WRITES = 20, 30
MOST_LOOKS, LOOK_SECONDS = 100_000, 0.0005


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


def test_what_was_acknowledged_survives_kills(
    sqlite_file: Path, access_key: str, long: bool
) -> None:
    kills, chance = KILLS if long else KILLS_IN_SUITE, Random(SEED)
    rounds: Rounds = {}
    last: Rounds = {}
    with progress("Killing", kills) as advance:
        for number in range(kills):
            how = HOW[number % len(HOW)]
            if how is kill_at_start:
                kill_at_start(sqlite_file, chance)
            else:
                with Server(sqlite_file) as server:
                    settle(server, access_key, last)
                    last = {str(number): loaded(server, access_key, str(number), how, chance)}
                rounds |= last
            if (number + 1) % KILLS_BETWEEN_VERIFICATIONS == 0:
                verify(sqlite_file)
            advance(1)
    with Server(sqlite_file) as server:
        settle(server, access_key, last)
        settle(server, access_key, rounds)
    assert sum(len(ledger.orders) for ledgers in rounds.values() for ledger in ledgers) > kills
    verify(sqlite_file)


def test_a_killed_backup_leaves_none(server: Server, access_key: str, tmp_path: Path) -> None:
    """While it is served; and what it left does not disturb the next one."""
    require_strace()
    copy = tmp_path / "copy.db"
    backup = [sys.executable, "-m", "doorstep.cli", "backup", str(copy)]
    backup += ["--database", f"sqlite:///{server.path}"]
    strace = ["strace", "--output=/dev/null", f"--inject=pwrite64:signal=KILL:when={BACKUP_WRITES}"]
    with signed_in(server.url, access_key) as http:
        for number in range(BACKED_UP):
            http.post("/v2/order", json={"order_id": f"A-{number}"}).raise_for_status()
        killed = subprocess.run([*strace, *backup], env=clean_environment())
        assert killed.returncode == -signal.SIGKILL
        assert not copy.exists()
        assert subprocess.run(backup, env=clean_environment()).returncode == 0
    assert verify(copy).startswith(f"{BACKED_UP} orders ")
