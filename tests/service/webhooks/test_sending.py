"""One attempt at sending a webhook, to a real server on a real socket."""

import asyncio
from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from typing import Any

from standardwebhooks import Webhook

from doorstep import __version__
from doorstep.clock import now
from doorstep.service.webhooks.sending import Sender, Sent
from doorstep.service.webhooks.signing import new_secret
from doorstep.store.webhooks import WebhookEndpoint, WebhookSecret
from tests.service.webhooks.receiver import Answer, Receiver

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
