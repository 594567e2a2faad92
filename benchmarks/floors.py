"""What the machine and SQLite alone can do, in the same run."""

import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.server import RUN

Step = Callable[[str], None]

MOST_ORDERS = 2_000
"""Of so many of the server's orders the rows are written again without it."""


def flush_latency(directory: Path, times: int = 200) -> float:
    """The median milliseconds until a small write is on the disk."""
    taken = []
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return sorted(taken)[len(taken) // 2] * 1000


Statements = list[tuple[str, list[object]]]


class Rows:
    """The rows that orders became, as the server wrote them, to be written again under new keys."""

    TABLES = ("orders", "order_states", "order_items", "recipients", "events")

    def __init__(self, database: Path, most_orders: int) -> None:
        self.inserts: dict[str, str] = {}
        self.rows: dict[str, dict[int, list[list[object]]]] = {}
        self.columns: dict[str, list[str]] = {}
        with closing(sqlite3.connect(database)) as source:
            numbers = [
                row[0]
                for row in source.execute(
                    "SELECT order_number FROM orders ORDER BY order_number LIMIT ?", (most_orders,)
                )
            ]
            self.numbers = numbers
            for table in self.TABLES:
                found = source.execute(
                    f"SELECT * FROM {table} WHERE order_number <= ? ORDER BY order_number",
                    (numbers[-1],),
                )
                self.columns[table] = [column[0] for column in found.description]
                marks = ", ".join("?" * len(self.columns[table]))
                self.inserts[table] = f"INSERT INTO {table} VALUES ({marks})"
                by_order: dict[int, list[list[object]]] = {}
                position = self.columns[table].index("order_number")
                for row in found:
                    by_order.setdefault(row[position], []).append(list(row))
                self.rows[table] = by_order

    def copies(self) -> Iterator[Statements]:
        """The inserts of order after order for ever, numbers and names moved to new ones."""
        offset = 0
        while True:
            offset += 10_000_000
            for number in self.numbers:
                yield [
                    (self.inserts[table], self._moved(table, row, offset))
                    for table in self.TABLES
                    for row in self.rows[table].get(number, ())
                ]

    def _moved(self, table: str, row: list[object], offset: int) -> list[object]:
        moved = []
        for column, value in zip(self.columns[table], row, strict=True):
            if column in ("order_number", "item_number", "sequence"):
                assert isinstance(value, int)
                value += offset
            elif column in ("order_id", "tracking_token"):
                value = f"{value}+{offset}"
            moved.append(value)
        return moved


def floors_of(database: Path, directory: Path, seconds: float, step: Step) -> dict[str, float]:
    """What SQLite does with the rows of the server's own first orders, without a server."""
    step("flush of the disk")
    found = {"flush_milliseconds": flush_latency(directory)}
    rows = Rows(database, MOST_ORDERS)
    for name, size in (("one commit an order", 1), ("groups of 64", 64)):
        step(name)
        empty = empty_database(directory, size)
        found[name] = orders_a_second(empty, rows, size, seconds)
    return found


def empty_database(directory: Path, name: object) -> Path:
    """The schema with one account, no orders."""
    path = directory / f"empty-{name}.db"
    made = [*RUN, "account", "create", "Floor", "--database", f"sqlite:///{path}"]
    subprocess.run(made, stdout=subprocess.DEVNULL, check=True)
    return path


def orders_a_second(empty: Path, rows: Rows, group: int, seconds: float) -> float:
    """A bare sqlite3 loop over the same rows, one durable commit for each `group` of orders.

    Making the rows is not counted, only writing them.
    """
    with closing(sqlite3.connect(empty, isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA synchronous = FULL")
        target.execute("PRAGMA foreign_keys = ON")
        copies = rows.copies()
        written, taken = 0, 0.0
        while taken < seconds:
            orders = [next(copies) for _ in range(group)]
            began = time.perf_counter()
            target.execute("BEGIN IMMEDIATE")
            for statements in orders:
                for insert, values in statements:
                    target.execute(insert, values)
            target.execute("COMMIT")
            taken += time.perf_counter() - began
            written += group
        return written / taken
