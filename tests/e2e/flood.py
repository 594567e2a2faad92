"""A flood of creations that waits for the writer, in a queue that is short."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, as_completed
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

CLIENTS, QUEUE, GROUP = 24, 8, 4
SHORT_QUEUE = {"DOORSTEP_QUEUE_SIZE": str(QUEUE), "DOORSTEP_GROUP_SIZE": str(GROUP)}


@contextmanager
def writer_held_up(database: Path) -> Iterator[None]:
    """Another program has the database's write lock."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def create(http: httpx.Client, name: str) -> httpx.Response:
    return http.post("/v2/order", json={"order_id": name})


def first_answers(posts: list[Future[httpx.Response]], count: int) -> list[httpx.Response]:
    answered = as_completed(posts, timeout=30)
    return [next(answered).result() for _ in range(count)]
