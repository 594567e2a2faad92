"""What cannot be served is said at start: one line, exit code 2, no password, in a few seconds."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

import psycopg
import pytest

from doorstep import cli
from doorstep.store.postgres import schema as postgres_schema
from tests.postgres import Postgres
from tests.postgres_proxy import Proxy

PASSWORD = "pass-of-a-test"
MOST_SECONDS = 10
"""On a busy machine; a connection is waited for half as long."""

VERSION = re.compile(rb"(server_version\0)\d\d")

pytestmark = pytest.mark.postgres


class Servers:
    """A primary that asks for a password, its replica, and an address that never answers."""

    def __init__(self, primary: Postgres, replica: Postgres, silent: socket.socket) -> None:
        self.primary = primary
        self.replica = replica
        self.silent_port: int = silent.getsockname()[1]

    def create(self, name: str, how: str = "") -> str:
        with self.primary.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} {how}".encode())
        return self.primary.url(name)

    def changed(self, name: str, statement: str) -> str:
        url = self.create(name)
        with psycopg.connect(url) as connection:
            connection.execute(statement.encode())
        return url


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with (
        Postgres(password=PASSWORD) as primary,
        primary.replica() as replica,
        socket.create_server(("127.0.0.1", 0)) as silent,
    ):
        yield Servers(primary, replica, silent)


Wrong: TypeAlias = Callable[[Servers], str]
"""Makes the URL of something that cannot be served."""


def prepared(servers: Servers, name: str, statement: str) -> str:
    url = servers.create(name)
    postgres_schema.bring_up_to_date(url, name)
    with psycopg.connect(url) as connection:
        connection.execute(statement.encode())
    return url


NEWER = "UPDATE alembic_version SET version_num = '9999'"
READER = (
    f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'; "
    "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader"
)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port: int = closed.getsockname()[1]
    return port


WRONG: dict[str, tuple[Wrong, str]] = {
    "port": (lambda s: s.primary.url().replace(f":{s.primary.port}", ":many"), "port"),
    "brackets": (lambda s: s.primary.url().replace("127.0.0.1", "[::1"), "IPv6"),
    "option": (lambda s: s.primary.url() + "?colour=red", "colour"),
    "password": (
        lambda s: s.primary.url().replace(PASSWORD, f"{PASSWORD}-of-another"),
        "password authentication failed",
    ),
    "no password": (lambda s: s.primary.url().replace(f":{PASSWORD}", ""), "no password supplied"),
    "user": (
        lambda s: s.primary.url().replace("doorstep:", "nobody:"),
        "password authentication failed",
    ),
    "database": (lambda s: s.primary.url("nothing"), 'database "nothing" does not exist'),
    "nobody listens": (
        lambda s: s.primary.url().replace(str(s.primary.port), str(closed_port())),
        "refused",
    ),
    "nobody answers": (
        lambda s: s.primary.url().replace(str(s.primary.port), str(s.silent_port)),
        "timeout",
    ),
    "a replica": (lambda s: s.replica.url(), "it is a replica or read-only"),
    "only replicas": (
        lambda s: s.replica.url() + "?target_session_attrs=read-write",
        "session is read-only",
    ),
    "encoding": (
        lambda s: s.create("latin", "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"),
        "must have the encoding UTF8",
    ),
    "tables of others": (
        lambda s: s.changed("others", "CREATE TABLE orders (number integer)"),
        "has tables, but not doorstep's",
    ),
    "newer": (lambda s: prepared(s, "newer", NEWER), "Install the newer version"),
    "no right to make tables": (
        lambda s: s.changed("closed", f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'").replace(
            "doorstep:", "guest:"
        ),
        "permission denied",
    ),
    "no right to write": (
        lambda s: prepared(s, "read", READER).replace("doorstep:", "reader:"),
        "permission denied for table installation",
    ),
}


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """What `doorstep serve` says of a URL, in this process."""

    def refusal(url: str) -> str:
        capsys.readouterr()
        began = time.monotonic()
        with pytest.raises(SystemExit) as ended:
            cli.main(["serve", "--port", "0", "--database", url])
        assert time.monotonic() - began < MOST_SECONDS
        said = capsys.readouterr()
        assert (ended.value.code, said.out) == (2, "")
        assert re.fullmatch(r"doorstep: [^\n]+\n", said.err), said.err
        assert PASSWORD not in said.err
        return said.err

    return refusal


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said_in_a_line(
    servers: Servers, refusal: Callable[[str], str], wrong: str
) -> None:
    make, reason = WRONG[wrong]
    assert reason in refusal(make(servers))


def test_an_older_server_is_refused(servers: Servers, refusal: Callable[[str], str]) -> None:
    """A real one that says on the way here that it is older."""
    with Proxy(servers.primary.port) as proxy:
        proxy.change_answer = lambda answer: VERSION.sub(rb"\g<1>13", answer)
        said = refusal(proxy.url(servers.primary.url()))
    assert "is served by PostgreSQL 13; doorstep needs 14 or newer" in said
