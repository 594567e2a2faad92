"""What most tests stand on: an up-to-date database, an API on it in this process, a server."""

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from rich.console import Console
from rich.progress import Progress

from doorstep import app, opening
from doorstep.clock import now
from doorstep.config import load
from doorstep.domain.order import SECOND
from doorstep.service import access, accounts
from doorstep.service.services import Services
from doorstep.store.store import Store
from tests.databases import KINDS, Databases, Files, Kept
from tests.postgres import Postgres

settings.register_profile(
    "doorstep", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.register_profile("thorough", settings.get_profile("doorstep"), max_examples=5_000)
settings.load_profile("doorstep")

START = 1_800_000_000 * SECOND
"""2027-01-15T08:00:00Z, where the clocks of tests begin."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long",
        action="store_true",
        help="the long forms: make fuzz, make kill-test, make feed-test, make million",
    )
    parser.addoption("--seed", type=int, default=1, help="what the generated requests begin with")


def pytest_configure() -> None:
    """What the shell sets for PostgreSQL's programs is not for the tests'."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`-m postgres` picks what needs a PostgreSQL server."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        chosen = item.callspec.params.get("databases") if hasattr(item, "callspec") else None
        if "postgres" in item.fixturenames or chosen == "postgresql":
            item.add_marker("postgres")


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether the long form is asked for; the suite runs a short form of the same test."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """The same seed makes the same requests, in the same order."""
    return int(request.config.getoption("--seed"))


@contextmanager
def progress(what: str, total: float) -> Iterator[Callable[[float], None]]:
    """A bar on a terminal's standard error; the given function moves it on."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda by=1: bar.advance(task, by)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell's settings are not the tests'."""
    for name in [name for name in os.environ if name.startswith("DOORSTEP_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """A command that ran in this process leaves no log behind, on a stream that is closed then."""
    yield
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for handler in [each for each in root.handlers if type(each) is logging.StreamHandler]:
        root.removeHandler(handler)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def empty_database(files: Files) -> Path:
    """An up-to-date SQLite database without accounts, to be copied."""
    return files.empty


@pytest.fixture
def sqlite_file(empty_database: Path, tmp_path: Path) -> Path:
    """An up-to-date SQLite database of the test's own."""
    return Path(shutil.copy(empty_database, tmp_path / "doorstep.db"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for all tests that only need a database on one."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_databases(postgres: Postgres) -> Iterator[Databases]:
    with closing(Databases(postgres)) as databases:
        yield databases


@pytest.fixture(scope="session", params=KINDS)
def databases(request: pytest.FixtureRequest) -> Files | Databases:
    """Where databases of one kind come from: whoever asks runs once with each kind."""
    name = {"sqlite": "files", "postgresql": "postgres_databases"}[request.param]
    made: Files | Databases = request.getfixturevalue(name)
    return made


@pytest.fixture
def database(databases: Files | Databases) -> str:
    """The URL of an up-to-date database without accounts, of either kind."""
    return databases.again()


class Clock:
    """A clock that stands still until a test moves it; every look at it is a microsecond later."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        self.now += 1
        return self.now

    def advance(self, **given: int) -> None:
        """Moves on by `seconds`, `minutes`, `hours`, `days`."""
        units = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
        self.now += sum(units[unit] * SECOND * count for unit, count in given.items())


class Api:
    """The API in this process, with a real store and a clock of the test's own.

    Requests go through the ASGI application as bytes. `call` fetches a token where none is
    given; `account` makes another account and returns its access key. Without a `key` of an account
    that is there, one is made.
    """

    def __init__(
        self, database: str, *, key: str | None = None, kept: Kept | None = None, **overrides: Any
    ) -> None:
        self.database = database
        self.clock = Clock()
        self.settings = load({"database": database, **overrides}, environ={})
        self.runner = kept.runner if kept else asyncio.Runner()
        self._tokens: dict[str, str] = {}
        self._opened = ExitStack()
        if kept is None:
            self._opened.callback(self.runner.close)
            store = self._open(opening.open_store(self.settings))
        else:
            store = Store(kept.database, opening.end_process)
        self.services: Services = self._open(app.open_services(store, self.settings, self.clock))
        self.application = app.application(self.services, self.settings, 8080)
        self.site = app.site(self.services, self.settings, self.application)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.site, raise_app_exceptions=False),
            base_url="http://testserver",
        )
        self.key = key or self.account("Shop")

    def run(self, coroutine: Any) -> Any:
        return self.runner.run(coroutine)

    def _open(self, context: Any) -> Any:
        """Until the API is closed."""
        opened = self.run(context.__aenter__())
        self._opened.callback(lambda: self.run(context.__aexit__(None, None, None)))
        return opened

    def account(self, name: str = "Other", scope: str = "full") -> str:
        store = self.services.store
        made = self.run(accounts.create_account(store, name, self.clock()))
        return self.access_key(made.account_id, scope)

    def access_key(self, account_id: int = 1, scope: str = "full") -> str:
        made = access.create_access_key(self.services.store, account_id, scope, self.clock())
        key: str = self.run(made)[1]
        return key

    def token(self, key: str | None = None) -> str:
        key = key or self.key
        if key not in self._tokens:
            answer = self.raw("POST", "/v2/token", json={"access_key": key})
            assert answer.status_code == 200, answer.text
            self._tokens[key] = answer.json()["token"]
            # The loop stands still between calls: a commit beside them would stay half done.
            self.run(self.services.access.key_use.close())
        return self._tokens[key]

    def use_tokens_of(self, other: "Api") -> None:
        self._tokens = other._tokens

    def forget_tokens(self) -> None:
        self._tokens.clear()

    def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request as it is given, without a token."""
        answer: httpx.Response = self.run(self.http.request(method, path, **options))
        return answer

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """For requests at the same moment: `api.run(asyncio.gather(api.send(…), …))`."""
        key = options.pop("key", None) or self.key
        headers = {"Authorization": f"Bearer {self._tokens[key]}", **options.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **options)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """A request with a token (of `key`, if given) and a JSON body, if there is one."""
        key = options.pop("key", None) or self.key
        self.token(key)
        if body is not None:
            options["json"] = body
        answer: httpx.Response = self.run(self.send(method, path, key=key, **options))
        return answer

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return self.call("PUT", path, body, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.call("DELETE", path, **options)

    def order(self, order_id: str = "ORD-1", **fields: Any) -> dict[str, Any]:
        """Creates an order and returns the answer's body."""
        answer = self.post("/v2/order", {"order_id": order_id, **fields})
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def shipment(self, order_id: str = "ORD-1", **fields: Any) -> dict[str, Any]:
        """Hands over a parcel and returns the answer's body."""
        answer = self.post("/v2/shipments", {"order_id": order_id, **fields})
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def update(self, **fields: Any) -> httpx.Response:
        """A carrier's update, of this moment unless `datetime` says another."""
        from doorstep.times import format_time

        return self.post("/v2/carrier_updates", {"datetime": format_time(self.clock.now), **fields})

    def close(self) -> None:
        self.run(self.http.aclose())
        self._opened.close()


@pytest.fixture
def api(databases: Files | Databases, database: str) -> Iterator[Api]:
    """On either kind of database."""
    opened = Api(database, kept=databases.kept())
    yield opened
    opened.close()


@pytest.fixture
def sqlite_api(sqlite_file: Path) -> Iterator[Api]:
    """For what only an SQLite database can be asked."""
    opened = Api(f"sqlite:///{sqlite_file}")
    yield opened
    opened.close()


class Server:
    """A real `doorstep serve` process on a port of its own, for a file or a URL.

    `under` is a program that runs it: it must become the server's process.
    """

    def __init__(
        self,
        path: Path | str,
        *options: str,
        environ: dict[str, str] | None = None,
        under: Sequence[str] = (),
    ) -> None:
        self.path = Path(path)
        self.url = ""
        self.process = subprocess.Popen(
            [*under, *serve_command(path, *options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**clean_environment(), **(environ or {})},
        )
        self.log: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.log.append(line)
            if " serves " in line:
                self.url = line.split(" serves ")[1].split("/v2")[0]
                break
        else:
            raise AssertionError(f"the server did not start: {''.join(self.log)}")
        # Read on, as a full pipe would hold the server up.
        output = self.process.stdout
        self._reader = threading.Thread(target=self.log.extend, args=(output,), daemon=True)
        self._reader.start()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends the process, if it still runs, and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait()


def serve_command(database: Path | str, *options: str) -> list[str]:
    serve = [sys.executable, "-m", "doorstep.cli", "serve", "--port", "0"]
    return [*serve, "--database", url_of(database), *options]


def url_of(database: Path | str) -> str:
    return f"sqlite:///{database}" if isinstance(database, Path) else database


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DOORSTEP_")}


def doorstep(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "doorstep.cli", *arguments],
        capture_output=True,
        text=True,
        env={**clean_environment(), **environ},
        timeout=60,
    )


@pytest.fixture
def server(sqlite_file: Path) -> Iterator[Server]:
    started = Server(sqlite_file)
    yield started
    started.stop()


@pytest.fixture
def access_key(sqlite_file: Path) -> str:
    """The key of an account in the test's database, made before anything serves it."""
    return new_access_key(sqlite_file)


def new_access_key(database: Path | str) -> str:
    """The key of a new account."""

    async def make() -> str:
        settings = load({"database": url_of(database)}, environ={})
        async with opening.open_store(settings) as store:
            account = await accounts.create_account(store, "Shop", now())
            _, key = await access.create_access_key(store, account.account_id, "full", now())
            return key

    return asyncio.run(make())
