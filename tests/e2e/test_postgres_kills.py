"""PostgreSQL, one of its backends or a server killed under load: nothing lost, healed by itself.

In the long form (`make kill-test`) 50 times each.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from random import Random
from typing import TypeAlias

import pytest

from tests.conftest import Server, new_access_key, progress
from tests.databases import Databases, execute
from tests.e2e.lasting_load import Load
from tests.e2e.promises import verify
from tests.postgres import Postgres

SEED = 4
KILLS, KILLS_IN_SUITE = 50, 5
CLIENTS = 8
COMMIT_SECONDS = 0.01
MOST_LOOKS = 10_000
DURABLE = {"fsync": "on", "full_page_writes": "on", "recovery_init_sync_method": "syncfs"}
BACKENDS = "SELECT pid, client_port FROM pg_stat_activity WHERE application_name = 'doorstep'"
GAPS = """
SELECT account_id FROM accounts LEFT JOIN events USING (account_id) GROUP BY account_id
HAVING max(last_sequence) <> count(sequence) OR max(last_sequence) <> max(sequence)
"""


class Site:
    """PostgreSQL with a database and a server of it, which may become another one."""

    def __init__(self, postgres: Postgres, database: str) -> None:
        self.postgres = postgres
        self.database = database
        self.server = Server(database)

    def backends(self) -> dict[int, int]:
        """The server's, with the port at its end of the connection."""
        return dict(execute(self.database, BACKENDS))


Kill: TypeAlias = Callable[[Site, Load, Random], None]


def kill_the_server(site: Site, load: Load, chance: Random) -> None:
    """Its supervisor starts another one."""
    site.server.stop(signal.SIGKILL)
    # What it had sent may still be carried out; clients are told of the next one after that.
    for _ in range(MOST_LOOKS):
        if not site.backends():
            break
    site.server = Server(site.database)
    load.url = site.server.url


def kill_a_backend(site: Site, load: Load, chance: Random) -> None:
    """PostgreSQL takes no chances then: it ends all others, and recovers."""
    os.kill(chance.choice(list(site.backends())), signal.SIGKILL)


def end_a_backend(site: Site, load: Load, chance: Random) -> None:
    chosen = chance.choice(list(site.backends()))
    execute(site.database, "SELECT pg_terminate_backend(?)", chosen)


def kill_postgresql(site: Site, load: Load, chance: Random) -> None:
    site.postgres.kill()
    site.postgres.start()


@pytest.fixture(scope="module")
def durable() -> Iterator[tuple[Postgres, Databases]]:
    with Postgres(**DURABLE) as server, closing(Databases(server)) as databases:
        yield server, databases


@pytest.mark.postgres
@pytest.mark.parametrize("kill", [kill_the_server, kill_a_backend, end_a_backend, kill_postgresql])
def test_what_was_acknowledged_survives(
    durable: tuple[Postgres, Databases], kill: Kill, long: bool
) -> None:
    kills, chance = KILLS if long else KILLS_IN_SUITE, Random(SEED)
    postgres, databases = durable
    database = databases.new()
    access_key = new_access_key(database)
    site = Site(postgres, database)
    healed_after = []
    with (
        progress(kill.__name__, kills) as advance,
        Load(site.server.url, access_key, kill.__name__, CLIENTS) as load,
    ):
        try:
            load.until_all_write(0)
            for _ in range(kills):
                # Not to wait for anything: to meet a commit in any of its phases.
                time.sleep(chance.uniform(0, COMMIT_SECONDS))
                killed_at = time.monotonic()
                kill(site, load, chance)
                healed_after.append(load.until_all_write(time.monotonic()) - killed_at)
                advance(1)
            load.settle()
        finally:
            load.stopping.set()
            site.server.stop()
    said = f"{kill.__name__}: {load.acknowledged} writes, {load.refused} refused, {load.lost} lost"
    print(f"{said}; healed after at most {max(healed_after):.2f} s")
    assert "Traceback" not in "".join(site.server.log)
    verify(database)
    assert execute(database, GAPS) == []
