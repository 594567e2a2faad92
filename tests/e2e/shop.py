"""A real server for a whole module: with an account, its keys, and a look into its database."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from doorstep import opening
from doorstep.clock import now
from doorstep.config import load
from doorstep.service import access, accounts
from doorstep.store import accounts as stored
from tests.conftest import Server

WITHOUT_NAMES = Path(__file__).with_name("without_names")
"""Generated requests name receivers of webhooks, which must not be looked for."""

SIGNING_SECRET = "a secret of the tests, as long as a hash"
BESIDE = {("installation", None), ("access_keys", "last_used_at")}
"""What is written beside any request, refused ones too, as a table or a column of it: numbers
reserved and readiness tried, and the use of a key."""


class Shop:
    """The server and what its one account needs; `revoked` is the id of a key that was revoked."""

    def __init__(self, server: Server, keys: dict[str, str], revoked: str) -> None:
        self.server = server
        self.revoked = revoked
        self.http = httpx.Client(base_url=server.url)
        self.tokens = {
            scope: self.http.post("/v2/token", json={"access_key": key}).json()["token"]
            for scope, key in keys.items()
        }
        self.http.headers["Authorization"] = f"Bearer {self.tokens['full']}"
        self._now, self._before = (
            sqlite3.connect(f"file:{server.path}?mode=ro", uri=True, isolation_level=None)
            for _ in range(2)
        )
        self._selects = list(_selects(self._now))
        host, port = server.url.removeprefix("http://").split(":")
        self.address = (host, int(port))

    def is_up(self) -> bool:
        """Whether it is the same process still, and answers."""
        answered = self.http.get("/v2/account").status_code == 200
        return answered and self.server.process.poll() is None

    @contextmanager
    def watched(self) -> Iterator[Callable[[], bool]]:
        """The function says whether anything is stored since that only an accepted request stores.

        Compared with the rows as they were only where there was a commit at all.
        """
        self._before.execute("BEGIN")
        self._before.execute(
            "SELECT 1 FROM sqlite_schema"
        ).fetchone()  # from here on it sees no more
        version = self._version()
        try:
            yield (
                lambda: (
                    self._version() != version and self._rows(self._before) != self._rows(self._now)
                )
            )
        finally:
            self._before.execute("ROLLBACK")

    def _version(self) -> int:
        """Another number after each transaction that another process has committed."""
        return int(self._now.execute("PRAGMA data_version").fetchone()[0])

    def _rows(self, database: sqlite3.Connection) -> list[list[tuple[Any, ...]]]:
        return [database.execute(select).fetchall() for select in self._selects]

    def close(self) -> None:
        self.http.close()
        self._now.close()
        self._before.close()


def _selects(database: sqlite3.Connection) -> Iterator[str]:
    """For each table the statement that reads it, without what stands in BESIDE."""
    for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
        if (table, None) not in BESIDE:
            columns = [name for _, name, *_ in database.execute(f'PRAGMA table_info("{table}")')]
            kept = [f'"{name}"' for name in columns if (table, name) not in BESIDE]
            yield f'SELECT {", ".join(kept)} FROM "{table}"'


async def _prepare(path: Path) -> tuple[dict[str, str], str]:
    settings = load({"database": f"sqlite:///{path}"}, environ={})
    async with opening.open_store(settings) as store:
        account = await accounts.create_account(store, "Shop", now())
        keys = {}
        for scope in access.SCOPES:
            made = await access.create_access_key(store, account.account_id, scope, now())
            keys[scope] = made[1]
        revoked, _ = await access.create_access_key(store, account.account_id, "full", now())
        key = (revoked.account_id, revoked.key_id)
        await store.write(lambda connection: stored.revoke_access_key(connection, *key, now()))
        return keys, revoked.key_id


@contextmanager
def open_shop(empty_database: Path, folder: Path, *options: str, **environ: str) -> Iterator[Shop]:
    path = Path(shutil.copy(empty_database, folder / "doorstep.db"))
    keys, revoked = asyncio.run(_prepare(path))
    given = {"DOORSTEP_SIGNING_SECRET": SIGNING_SECRET, "PYTHONPATH": str(WITHOUT_NAMES)}
    server = Server(path, *options, environ={**given, **environ})
    try:
        shop = Shop(server, keys, revoked)
        try:
            yield shop
        finally:
            shop.close()
    finally:
        server.stop()
