"""The PostgreSQL that tests start: it is real, the tests' own, and gone afterwards."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from tests.databases import Databases
from tests.postgres import Postgres
from tests.postgres_home import FOLDERS, PREFIX

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.postgres


# Unlike one that waits, it does not notice that the server's first process has gone.
ENDLESS = b"DO 'BEGIN LOOP END LOOP; END'"


def noted(server: Postgres) -> list[int]:
    with server.connect() as connection:
        return [number for (number,) in connection.execute("SELECT number FROM note")]


def note(server: Postgres, number: int) -> None:
    with server.connect() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (number integer)")
        connection.execute("INSERT INTO note VALUES (%s)", [number])


def test_a_database_is_made_from_another_and_dropped_with_its_guests(postgres: Postgres) -> None:
    first = postgres.create_database("first")
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE note AS SELECT 1 AS number")
    postgres.create_database("second", template="first")
    with postgres.connect("second") as guest:
        assert guest.execute("SELECT number FROM note").fetchall() == [(1,)]
        postgres.drop_database("second")
        with pytest.raises(errors.AdminShutdown):
            guest.execute("SELECT 1")
    postgres.drop_database("first")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(first)


def test_what_was_committed_outlives_a_kill_of_every_process() -> None:
    with Postgres() as server:
        note(server, 1)
        with closing(server.connect()) as connection:
            connection.pgconn.send_query(ENDLESS)
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                connection.pgconn.consume_input()
        with pytest.raises(psycopg.OperationalError):
            server.connect()
        server.start()
        assert noted(server) == [1]
        server.restart()
        assert noted(server) == [1]


def test_a_replica_has_every_row_and_takes_over() -> None:
    with Postgres() as primary, primary.replica() as replica:
        note(primary, 1)
        with pytest.raises(errors.ReadOnlySqlTransaction):
            note(replica, 2)
        primary.kill()
        replica.promote()
        note(replica, 2)
        assert noted(replica) == [1, 2]


def test_a_password_is_asked_for() -> None:
    with Postgres(password="secret") as server:
        server.connect().close()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(server.url().replace("secret", "guess"))


def test_a_server_that_does_not_start_says_why_and_leaves_nothing() -> None:
    def folders() -> set[Path]:
        return set(FOLDERS.glob(f"{PREFIX}{os.getpid()}-*"))

    before = folders()
    with pytest.raises(AssertionError, match='invalid value for parameter "max_connections"'):
        Postgres(max_connections="many")
    assert folders() == before


HOLD_A_SERVER = """
from tests.databases import Databases
from tests.postgres import Postgres
server = Postgres()
print(server.folder, server.url(), flush=True)
input()
"""


def test_a_killed_test_takes_its_server_and_folder_along() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_A_SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as holder:
        assert holder.stdout is not None
        folder, url = holder.stdout.readline().split()
        psycopg.connect(url).close()
        assert Path(folder).is_dir()
        holder.kill()
        holder.communicate()  # to the end of the output, which the guard holds as well
    assert not Path(folder).exists()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(url)


def test_the_same_database_comes_back_empty_whoever_still_uses_it(
    postgres_databases: Databases,
) -> None:
    key = "INSERT INTO installation VALUES ('forgotten', '1')"
    with closing(psycopg.connect(postgres_databases.again())) as forgotten:
        forgotten.execute(key)
        with closing(psycopg.connect(postgres_databases.again())) as next_one:
            next_one.execute(key)
            next_one.commit()
            next_one.execute("LOCK TABLE accounts")
            with psycopg.connect(postgres_databases.again()) as last:
                left = last.execute("SELECT name FROM installation").fetchall()
                assert left == [("next_number",)]
