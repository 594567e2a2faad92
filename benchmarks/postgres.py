"""A real PostgreSQL to serve from, and what it can do without doorstep, in the same run."""

import re
import subprocess
import tempfile

import psycopg

from benchmarks.floors import Step, flush_latency
from benchmarks.server import RUN
from tests.postgres import Postgres
from tests.postgres_home import programs

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
SETTINGS = {**DURABLE, "shared_buffers": "256MB", "max_wal_size": "4GB"}
"""PostgreSQL's own, but for what keeps checkpoints out of a measurement of seconds."""

CLIENTS = 16
TABLES = ("orders", "order_states", "order_items", "recipients", "events")


def start() -> Postgres:
    return Postgres(**SETTINGS)


def floors_of(server: Postgres, url: str, seconds: float, step: Step) -> dict[str, float]:
    """One transaction an order over the rows that one of the server's orders became.

    Into a database of its own with the same schema.
    """
    step("flush of the disk")
    found = {"flush_milliseconds": flush_latency(server.folder)}
    step("pgbench")
    with psycopg.connect(url) as connection:
        script = transaction(connection)
    empty = server.create_database("floor")
    made = [*RUN, "account", "create", "Floor", "--database", empty]
    subprocess.run(made, stdout=subprocess.DEVNULL, check=True)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        options = ["-n", "-M", "prepared", "-c", str(CLIENTS), "-T", str(max(1, round(seconds)))]
        command = [programs() / "pgbench", *options, "-f", file.name, empty]
        ended = subprocess.run(command, capture_output=True, text=True)
    tps = re.search(r"tps = ([0-9.]+)", ended.stdout)
    assert tps is not None, ended.stderr
    return {**found, "pgbench": float(tps[1])}


def transaction(connection: psycopg.Connection[tuple[object, ...]]) -> str:
    """pgbench's script: an order's inserts, under numbers and names that nothing has yet."""
    (number,) = connection.execute(
        "SELECT max(order_number) FROM orders WHERE state = 'new' AND EXISTS "
        "(SELECT 1 FROM recipients WHERE recipients.order_number = orders.order_number)"
    ).fetchall()[0]
    lines = ["\\set number random(200000000000000, 900000000000000)", "BEGIN;"]
    for table in TABLES:
        cursor = connection.execute(f"SELECT * FROM {table} WHERE order_number = %s", [number])
        columns = [column.name for column in cursor.description or ()]
        for row in cursor:
            values = [_moved(c, v, number) for c, v in zip(columns, row, strict=True)]
            lines.append(f"INSERT INTO {table} VALUES ({', '.join(values)});")
    return "\n".join([*lines, "COMMIT;"])


def _moved(column: str, value: object, number: int) -> str:
    if column in ("order_number", "sequence"):
        return ":number"
    if column == "item_number":
        assert isinstance(value, int)
        return f"CAST(:number AS bigint) + {value - number}"
    if column in ("order_id", "tracking_token"):
        return "CAST(:number AS text)"
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value).upper()
    # What follows a colon would be a variable of pgbench's.
    return "E'" + str(value).replace("\\", r"\\").replace("'", "''").replace(":", r"\x3a") + "'"
