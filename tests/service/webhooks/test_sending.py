"""One attempt at sending a webhook, to a real server on a real socket."""

import asyncio
import gzip
import socket
import struct
import threading
from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from doorstep import __version__
from doorstep.clock import now
from doorstep.service.webhooks import resolving
from doorstep.service.webhooks.retry_after import retry_after_seconds
from doorstep.service.webhooks.sending import Sender, Sent
from doorstep.service.webhooks.signing import new_secret
from doorstep.store.webhooks import WebhookEndpoint, WebhookSecret
from tests.conftest import START
from tests.service.webhooks.names import resolve_to
from tests.service.webhooks.receiver import Answer, RawServer, Receiver

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
SECRET = new_secret("v1")
BODY = '{"type":"order.shipped","subject":"Grüße"}'.encode()


def endpoint(url: str) -> WebhookEndpoint:
    return WebhookEndpoint(1, 2, url, None, None, "v1", None, None, None, 0, 0)


def secret(text: str = SECRET) -> WebhookSecret:
    return WebhookSecret(1, 2, 1, text, 0, None)


def with_sender(
    work: Callable[[Sender], Awaitable[Any]], seconds: float = 10, allowed: Any = LOOPBACK
) -> Any:
    async def run() -> Any:
        sender = Sender(now, seconds, allowed)
        try:
            return await work(sender)
        finally:
            await sender.close()

    return asyncio.run(run())


def send(url: str, **options: Any) -> Sent:
    sent: Sent = with_sender(
        lambda sender: sender.send(endpoint(url), [secret()], "evt_1_7", BODY), **options
    )
    return sent


def test_a_receiver_can_verify_what_it_gets() -> None:
    with Receiver(lambda received: Answer(200, b"thanks")) as receiver:
        sent = send(receiver.url)
    (received,) = receiver.received
    assert (received.method, received.path, received.body) == ("POST", "/hook", BODY)
    Webhook(SECRET).verify(received.body, received.headers)
    assert received.headers["webhook-id"] == "evt_1_7"
    assert received.headers["user-agent"] == f"doorstep/{__version__}"
    assert received.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert (sent.http_status, sent.answer, sent.error, sent.is_delivered) == (
        200, "thanks", None, True,
    )  # fmt: skip


def test_both_secrets_sign_while_one_replaces_the_other() -> None:
    old, new = new_secret("v1"), new_secret("v1")
    with Receiver() as receiver:
        with_sender(
            lambda sender: sender.send(
                endpoint(receiver.url), [secret(new), secret(old)], "evt_1_7", BODY
            )
        )
    (received,) = receiver.received
    for each in (old, new):
        Webhook(each).verify(received.body, received.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(received.body, received.headers)


@pytest.mark.parametrize("status", [200, 201, 204, 299, 300, 304, 400, 404, 410, 429, 500, 503])
def test_only_2xx_is_delivered(status: int) -> None:
    with Receiver(lambda received: Answer(status, b"" if status in (204, 304) else b"x")) as server:
        sent = send(server.url)
    assert (sent.http_status, sent.error) == (status, None)
    assert sent.is_delivered is (200 <= status < 300)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("9" * 5_000, 86_400),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("١٢", None),
        ("Fri, 15 Jan 2027 08:01:30 GMT", 90),
        ("Fri, 15 Jan 2027 09:01:30 +0100", 90),
        ("Fri, 15 Jan 2027 08:01:30 -0000", 90),
        ("Friday, 15-Jan-27 08:01:30 GMT", 90),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0),
        ("Fri, 15 Jan 2038 08:00:00 GMT", 86_400),
        ("Fri, 99 Jan 2027 08:00:00 GMT", None),
        ("Fri, 15 Jan 0000 08:00:00 GMT", 0),
        ("Fri, 01 Jan 0001 00:00:00 +2359", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 86_400),
        ("Fri, 15 Jan 2027 08:00:99999999999999999999 GMT", None),
    ],
)
def test_retry_after(text: str, seconds: int | None) -> None:
    assert retry_after_seconds(text, START) == seconds


def test_retry_after_of_an_answer() -> None:
    with Receiver(lambda received: Answer(429, headers=(("Retry-After", "120"),))) as receiver:
        assert send(receiver.url).retry_after_seconds == 120


def test_the_start_of_the_answer_is_kept_as_text() -> None:
    for body, kept in (
        (b"", None),
        (b"a\0b", "a\ufffdb"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        ("ü".encode() * 5_000, "ü" * 1_024),
        (b"\x1f\x8b" + gzip.compress(b"x" * 1_000_000)[2:], None),
    ):
        packed = (("Content-Encoding", "gzip"),) if body[:1] == b"\x1f" else ()
        with Receiver(lambda received, b=body, p=packed: Answer(500, b, p)) as receiver:
            answer = send(receiver.url).answer
        if packed:
            assert answer is not None
            assert "xxx" not in answer
        else:
            assert answer == kept


def handle_head(connection: socket.socket) -> None:
    """Reads a request as far as its body."""
    read = b""
    while BODY not in read:
        read += connection.recv(65_536)


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    gone = threading.Event()

    def handle(connection: socket.socket) -> None:
        handle_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                connection.sendall(b"1000\r\n" + b"x" * 0x1000 + b"\r\n")
        except OSError:
            gone.set()

    with RawServer(handle) as server:
        sent = send(server.url)
        assert gone.wait(10)
    assert (sent.http_status, sent.answer) == (200, "x" * 1_024)
    assert sent.milliseconds < 5_000, "only the time for all put an end to it"


def test_what_was_answered_counts_though_the_rest_never_comes() -> None:
    waiting = threading.Event()

    def handle(connection: socket.socket) -> None:
        handle_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nyes")
        waiting.wait(10)

    with RawServer(handle) as server:
        sent = send(server.url, seconds=0.3)
        waiting.set()
    assert (sent.http_status, sent.answer, sent.error) == (200, "yes", None)


def says(answer: bytes) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        handle_head(connection)
        connection.sendall(answer)

    return handle


def resets(connection: socket.socket) -> None:
    handle_head(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    ("handle", "error"),
    [
        (says(b""), "connection_lost"),
        (resets, "connection_lost"),
        (says(b"HTTP/1.1 200"), "connection_lost"),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "answer_not_http"),
        (says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"), "answer_not_http"),
        (says(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 10_000 + b"\r\n"), "answer_not_http"),
        (says(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), "answer_not_http"),
        (says(b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "connection_lost"),
    ],
    ids=["nothing", "reset", "half", "ssh", "long header", "many headers", "no length", "100"],
)
def test_what_is_no_answer(handle: Callable[[socket.socket], None], error: str) -> None:
    with RawServer(handle) as server:
        sent = send(server.url)
    assert (sent.http_status, sent.error, sent.is_delivered) == (None, error, False)


def test_an_error_of_our_own_is_an_attempt_that_failed(caplog: pytest.LogCaptureFixture) -> None:
    broken = [secret("whsec_not base64")]
    sent = with_sender(
        lambda sender: sender.send(endpoint("http://127.0.0.1:1/"), broken, "evt_1_7", BODY)
    )
    assert (sent.http_status, sent.error, sent.is_delivered) == (None, "not_sent", False)
    assert caplog.messages == ["a webhook could not be sent"]


def test_no_answer_in_time() -> None:
    waiting = threading.Event()
    with RawServer(lambda connection: waiting.wait(10) and None) as server:
        sent = send(server.url, seconds=0.2)
        waiting.set()
    assert (sent.error, sent.http_status) == ("timed_out", None)
    assert 150 <= sent.milliseconds < 5_000


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert send(f"http://127.0.0.1:{port}/").error == "not_connected"


@pytest.mark.parametrize(
    "url",
    [
        *("", "/hook", "//host/hook", "http://", "http:///x", "ftp://127.0.0.1/", "file:///etc/passwd"),
        *("http://127.0.0.1:0/", "http://127.0.0.1:70000/", "http://127.0.0.1:x/", "gopher://x"),
        *("http://[::1", "http://[::g]/", "http://%00/", "http://a b/", "http://\r\nx/", "http://./"),
        *("http://..", "http://-.example/", "http://" + "a" * 64 + ".example/", "unix:///tmp/x"),
        *("http://" + "a." * 2_000 + "example/", "http://exa mple/", "http://\ud800/", "\0"),
    ],
)  # fmt: skip
def test_no_url_raises(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(host: Any, *given: Any, **options: Any) -> Any:
        str(host).encode("idna")
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    sent = send(url)
    assert sent.error in ("url_not_usable", "name_not_found", "not_connected")


def test_no_cookies_and_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    # A jar would keep no cookies of a bare address.
    resolve_to(monkeypatch, ["127.0.0.1"])
    with Receiver(lambda received: Answer(200, headers=(("Set-Cookie", "a=b"),))) as receiver:

        async def twice(sender: Sender) -> None:
            named = endpoint(f"http://receiver.example:{receiver.port}/")
            for _ in range(2):
                assert (await sender.send(named, [secret()], "evt_1_7", BODY)).is_delivered

        with_sender(twice)
    assert ["cookie" in received.headers for received in receiver.received] == [False, False]
    assert receiver.connections == 1  # kept in between


def test_slow_endpoints_starve_no_other() -> None:
    waiting = threading.Event()
    many = 300

    async def work(sender: Sender) -> list[Sent]:
        slow = [
            asyncio.create_task(sender.send(endpoint(hangs.url), [secret()], f"evt_1_{n}", BODY))
            for n in range(many)
        ]
        while hangs.connections < many:
            await asyncio.sleep(0)
        fast = await sender.send(endpoint(receiver.url), [secret()], "evt_1_7", BODY)
        assert not any(task.done() for task in slow)
        waiting.set()
        return [fast, *await asyncio.gather(*slow)]

    with (
        RawServer(lambda connection: waiting.wait(10) and None) as hangs,
        Receiver() as receiver,
    ):
        fast, *slow = with_sender(work)
    assert fast.http_status == 204
    assert {sent.error for sent in slow} == {"connection_lost"}


def test_a_slow_name_server_holds_up_no_other_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    asked: list[str] = []

    def getaddrinfo(host: str, *given: Any, **options: Any) -> list[Any]:
        asked.append(host)
        if host.startswith("slow"):
            answered.wait(10)
            raise socket.gaierror("no answer")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def work(sender: Sender) -> tuple[Sent, list[Sent]]:
        def to(host: str, port: int) -> Any:
            url = f"http://{host}.example:{port}/"
            return sender.send(endpoint(url), [secret()], "evt_1_7", BODY)

        slow = [asyncio.create_task(to(f"slow{n % 100}", 80 + n // 100)) for n in range(200)]
        while len(asked) < 100:
            await asyncio.sleep(0)
        fast = await to("fast", receiver.port)
        answered.set()
        return fast, await asyncio.gather(*slow)

    with Receiver() as receiver:
        fast, slow = with_sender(work)
    assert fast.is_delivered
    assert {sent.error for sent in slow} == {"name_not_found"}
    assert len(asked) == 101  # once for each name


def test_lookups_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "MOST_LOOKUPS", 3)
    answered = threading.Event()

    def getaddrinfo(host: str, *given: Any, **options: Any) -> list[Any]:
        answered.wait(10)
        raise socket.gaierror("no answer")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def work(sender: Sender) -> list[Sent]:
        def to(host: str) -> Any:
            return sender.send(endpoint(f"http://{host}.example/"), [secret()], "evt_1_7", BODY)

        waiting = [asyncio.create_task(to(f"slow{n}")) for n in range(3)]
        await asyncio.sleep(0)
        refused = await to("another")
        assert not any(task.done() for task in waiting)
        answered.set()
        return [refused, *await asyncio.gather(*waiting)]

    assert {sent.error for sent in with_sender(work)} == {"name_not_found"}
