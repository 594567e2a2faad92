"""What a proxy passes on, when, and what it keeps to itself."""

import socket
from pathlib import Path

import pytest

from tests.deploy.conftest import Served
from tests.deploy.proxies import NAME, START, Proxy
from tests.deploy.tools import free_port
from tests.deploy.upstream import Upstream
from tests.deploy.wire import ask, send


@pytest.mark.parametrize("path", ["metrics", "readyz"])
def test_what_is_for_the_inside_is_not_there_outside(
    proxy: Proxy, upstream: Upstream, served: Served, path: str
) -> None:
    upstream.second_part.set()
    nothing = ask(served.connect(), "GET", "/nothing")
    encoded = f"%{ord(path[0]):x}{path[1:]}"
    for target in (path, f"{path}/", f"/{path}", encoded, f"{path}?a=b", f"v2/../{path}"):
        answer = ask(proxy.connect(), "GET", f"/{target}")
        assert (answer.status, answer.json()) == (404, nothing.json())
    assert upstream.heads == []


def test_the_proxy_says_who_asks_for_what(proxy: Proxy, upstream: Upstream) -> None:
    upstream.second_part.set()
    given = {"X-Request-Id": "from-the-client", "X-Forwarded-Proto": "http", "Accept": "a/b"}
    ask(proxy.connect(), "GET", "/", headers=given)
    (head,) = upstream.heads
    assert head["host"] == NAME
    assert head["x-forwarded-for"] == "127.0.0.1"
    assert head["x-forwarded-proto"] == "https"
    assert head["x-request-id"] == "from-the-client"
    assert head["accept"] == "a/b"


def test_each_part_of_an_answer_arrives_when_it_was_written(
    proxy: Proxy, upstream: Upstream
) -> None:
    with proxy.connect() as connection:
        send(connection, "GET", "/v2/orders?state=new")
        received = b""
        while b"[" not in received:
            received += connection.recv(4096)
        assert b"]" not in received
        upstream.second_part.set()
        while b"]" not in received:
            received += connection.recv(4096)


def test_connections_to_doorstep_are_kept(proxy: Proxy, upstream: Upstream) -> None:
    upstream.second_part.set()
    for _ in range(3):
        ask(proxy.connect(), "GET", "/")
    assert len(upstream.heads) == 3
    assert len(upstream.connections) == 1


def test_the_request_id_comes_back(proxy: Proxy, upstream: Upstream) -> None:
    upstream.second_part.set()
    answer = ask(proxy.connect(), "GET", "/", headers={"X-Request-Id": "A-1"})
    assert answer.headers["x-request-id"] == "A-1"


def test_plain_http_is_sent_to_https_with_its_method(proxy: Proxy) -> None:
    plain = socket.create_connection(("127.0.0.1", proxy.ports.http))
    answer = ask(plain, "POST", "/v2/orders/2024%2F0001?a=b+c", body=b"")
    assert answer.status == 308
    assert answer.headers["location"] == f"https://{NAME}/v2/orders/2024%2F0001?a=b+c"


@pytest.mark.parametrize("kind", START)
def test_a_doorstep_that_is_down_is_a_problem_document(kind: str, tmp_path: Path) -> None:
    alone = START[kind](tmp_path, f"127.0.0.1:{free_port()}")
    try:
        answer = ask(alone.connect(), "GET", "/v2/orders")
    finally:
        alone.program.stop()
    assert answer.status == answer.json()["status"] == 502
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
