"""A server of several processes, looked at from outside: who they are, and which answers whom."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import psutil

from tests.conftest import Server

MOST_CONNECTIONS = 64
"""So many connections that all go to one of two processes do not happen."""


def processes_of(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children()


def until(is_so: Callable[[], object], server: Server) -> None:
    """Asks again and again, for as long as the server runs."""
    while not is_so():
        assert server.process.poll() is None, "".join(server.log)


def kill_one(server: Server, process: psutil.Process) -> None:
    """Returns when another one has taken its place."""
    count = len(processes_of(server))
    process.kill()
    until(
        lambda: process not in (found := processes_of(server)) and len(found) == count,
        server,
    )


@contextmanager
def clients_of_each(server: Server) -> Iterator[dict[psutil.Process, httpx.Client]]:
    """A client for each process, whose one connection leads there."""
    with ExitStack() as opened:
        found: dict[psutil.Process, httpx.Client] = {}
        for _ in range(MOST_CONNECTIONS):
            client = opened.enter_context(httpx.Client(base_url=server.url, timeout=30))
            stream = client.get("/healthz").extensions["network_stream"]
            port = stream.get_extra_info("client_addr")[1]
            found.setdefault(_owner(server, port), client)
            if len(found) == len(processes_of(server)):
                yield found
                return
    raise AssertionError(f"of {len(processes_of(server))} processes only {list(found)} answered")


def _owner(server: Server, port: int) -> psutil.Process:
    """The process that has the connection from a client's port."""
    for process in processes_of(server):
        for connection in process.net_connections("tcp"):
            if connection.raddr and connection.raddr.port == port:
                return process
    raise AssertionError(f"nobody serves the connection from port {port}")


def figure(metrics: str, name: str) -> float:
    """A metric's value, by its name with labels as in the text format."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", metrics, re.MULTILINE)
    assert found is not None, f"there is no {name} in\n{metrics}"
    return float(found[1])
