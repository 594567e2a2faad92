"""A real server, asked directly and through each kind of proxy."""

import itertools
import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import Server, doorstep
from tests.deploy.image import build
from tests.deploy.proxies import START, Proxy
from tests.deploy.upstream import Upstream
from tests.deploy.wire import Answer, ask

MOST_BODY_BYTES = 65_536


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Dockerfile's build makes for the image."""
    return build(tmp_path_factory.mktemp("image"))


class Served(NamedTuple):
    """A real server; `host_port` is where it listens."""

    host_port: str
    token: str

    def connect(self) -> socket.socket:
        host, port = self.host_port.split(":")
        return socket.create_connection((host, int(port)))


@pytest.fixture(scope="module")
def served(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("served") / "doorstep.db"))
    made = doorstep("account", "create", "Shop", "--json", "--database", f"sqlite:///{path}")
    server = Server(path, environ={"DOORSTEP_MAX_BODY_BYTES": str(MOST_BODY_BYTES)})
    untokened = Served(server.url.removeprefix("http://"), "")
    body = json.dumps({"access_key": json.loads(made.stdout)["access_key"]}).encode()
    answer = ask(untokened.connect(), "POST", "/v2/token", body=body)
    yield untokened._replace(token=answer.json()["token"])
    server.stop()


class Behind(NamedTuple):
    """A server and a proxy before it."""

    served: Served
    proxy: Proxy

    def both(self, method: str, target: str, **given: Any) -> tuple[Answer, Answer]:
        """The proxied answer and the direct one to the same bytes."""
        own = {"Authorization": f"Bearer {self.served.token}", "X-Request-Id": "the-same"}
        headers = own | given.pop("headers", {})
        proxied = ask(self.proxy.connect(), method, target, headers=headers, **given)
        return proxied, ask(self.served.connect(), method, target, headers=headers, **given)


@pytest.fixture(scope="module", params=START)
def behind(
    request: pytest.FixtureRequest, served: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Behind]:
    started = START[request.param](tmp_path_factory.mktemp(request.param), served.host_port)
    yield Behind(served, started)
    started.program.stop()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    started = Upstream()
    yield started
    started.stop()


@pytest.fixture(params=START)
def proxy(request: pytest.FixtureRequest, upstream: Upstream, tmp_path: Path) -> Iterator[Proxy]:
    started = START[request.param](tmp_path, upstream.host_port)
    yield started
    started.program.stop()


_sources = (f"127.0.0.{last}" for last in itertools.count(2))


@pytest.fixture
def sources() -> Iterator[str]:
    """Addresses of clients, none of which any test had before."""
    return _sources
