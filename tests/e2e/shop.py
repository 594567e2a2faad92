"""A real server for a whole module: with an account, its keys, and a look into its database."""

import asyncio
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
        self._database = sqlite3.connect(f"file:{server.path}?mode=ro", uri=True)
        self._selects = dict(_selects(self._database))
        self._version, self._stored = -1, dict[str, str]()
        host, port = server.url.removeprefix("http://").split(":")
        self.address = (host, int(port))

    def is_up(self) -> bool:
        """Whether it is the same process still, and answers."""
        answered = self.http.get("/v2/account").status_code == 200
        return answered and self.server.process.poll() is None

    def stored(self) -> dict[str, str]:
        """A hash by table of what only an accepted request changes."""
        # Another number after each transaction that another process has committed.
        (version,) = self._database.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            self._stored = {table: self._hash(rows) for table, rows in self._selects.items()}
        return self._stored

    def _hash(self, select: str) -> str:
        digest = hashlib.blake2b()
        for row in self._database.execute(select):
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def close(self) -> None:
        self.http.close()
        self._database.close()


def _selects(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """For each table the statement that reads it, without what stands in BESIDE."""
    for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"):
        if (table, None) not in BESIDE:
            columns = [name for _, name, *_ in database.execute(f'PRAGMA table_info("{table}")')]
            kept = [f'"{name}"' for name in columns if (table, name) not in BESIDE]
            yield table, f'SELECT {", ".join(kept)} FROM "{table}"'


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
