"""What doorstep limits, it limits behind a proxy too: bodies, heads, failed token requests."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from doorstep.api.tokens import MOST_FAILURES
from tests.deploy.conftest import MOST_BODY_BYTES, Behind, Served
from tests.deploy.proxies import start_nginx
from tests.deploy.wire import ask, receive, send

TWO_MIB = 2 * 1024 * 1024
WRONG_KEY = json.dumps({"access_key": "ds_1_none_none"}).encode()


def in_chunks(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def wrong_key(behind: Behind, source: str, **headers: str) -> int:
    """The status of a token request that fails, from an address."""
    connection = behind.proxy.connect(source)
    return ask(connection, "POST", "/v2/token", headers=headers, body=WRONG_KEY).status


def throttle(behind: Behind, source: str, **headers: str) -> None:
    for _ in range(MOST_FAILURES):
        assert wrong_key(behind, source, **headers) == 401
    assert wrong_key(behind, source, **headers) == 429


@pytest.mark.parametrize("size", [MOST_BODY_BYTES, TWO_MIB])
def test_a_body_that_is_too_large_is_refused_by_doorstep(behind: Behind, size: int) -> None:
    body = b'"' + b"x" * size
    announced, direct = behind.both("POST", "/v2/order", body=body)
    assert direct.status == 413
    assert direct.json()["code"] == "body_too_large"
    assert announced == direct
    headers = {"Transfer-Encoding": "chunked"}
    in_parts, _ = behind.both("POST", "/v2/order", headers=headers, body=in_chunks(body))
    assert in_parts == direct


def test_nginx_waits_for_no_body_that_is_too_large(served: Served, tmp_path: Path) -> None:
    nginx = start_nginx(tmp_path, served.host_port)
    try:
        with nginx.connect() as connection:
            length = {"Content-Length": str(TWO_MIB)}
            send(connection, "POST", "/v2/token", headers=length)
            assert receive(connection, "POST").status == 413
    finally:
        nginx.program.stop()


def test_a_body_as_large_as_allowed_arrives(behind: Behind) -> None:
    order = b'{"order_id": "large"}'
    for answer in behind.both("POST", "/v2/order", body=order.ljust(MOST_BODY_BYTES)):
        assert answer.status == 201


def test_a_head_as_large_as_doorstep_takes_arrives(behind: Behind) -> None:
    proxied, direct = behind.both("GET", f"/v2/orders?order_tags[a]={'%C3%BC' * 4000}")
    assert direct.status == 200
    assert proxied == direct


def test_clients_behind_the_proxy_are_throttled_apart(
    behind: Behind, sources: Iterator[str]
) -> None:
    one, other = next(sources), next(sources)
    throttle(behind, one)
    assert wrong_key(behind, other) == 401


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_no_client_chooses_the_address_it_is_known_by(
    behind: Behind, sources: Iterator[str], header: str
) -> None:
    attacker, victim = next(sources), next(sources)
    claimed = f"for={victim}" if header == "Forwarded" else victim
    throttle(behind, attacker, **{header: claimed})
    assert wrong_key(behind, victim) == 401
    for claim in ("192.0.2.1", "127.0.0.1", "192.0.2.1, 127.0.0.1", ""):
        assert wrong_key(behind, attacker, **{header: claim}) == 429
