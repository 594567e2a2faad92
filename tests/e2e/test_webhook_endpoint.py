"""From the API to a receiver: the worker of a real server sends to what was made over HTTP."""

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from tests.conftest import Server
from tests.service.webhooks.receiver import Answer, Received, Receiver

MOST_SECONDS = 20
PATH = "/v2/webhook_endpoints"


@pytest.fixture
def shop(sqlite_file: Path, access_key: str) -> Iterator[httpx.Client]:
    environ = {"DOORSTEP_WEBHOOK_ALLOW_NETWORKS": "127.0.0.0/8"}
    with (
        Server(sqlite_file, environ=environ) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        token = client.post("/v2/token", json={"access_key": access_key}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def test_events_arrive_signed_also_after_a_pause_and_again(shop: httpx.Client) -> None:
    received: queue.Queue[Received] = queue.Queue()

    def take(request: Received) -> Answer:
        received.put(request)
        return Answer()

    with Receiver(take) as receiver:
        made = shop.post(PATH, json={"url": receiver.url, "types": ["order.created"]}).json()

        def next_subject() -> Any:
            request = received.get(timeout=MOST_SECONDS)
            event = Webhook(made["secret"]).verify(request.body, request.headers)
            assert event["id"] == request.headers["webhook-id"]
            return event["subject"]

        def order(name: str) -> None:
            assert shop.post("/v2/order", json={"order_id": name}).status_code == 201

        order("A")
        assert next_subject() == "A"
        assert shop.post(f"{made['iri']}/pause").json()["paused"] is True
        order("B")
        assert shop.post(f"{made['iri']}/resume").json()["paused"] is False
        assert next_subject() == "B"
        assert shop.post(f"{made['iri']}/replay", json={"after": 0}).status_code == 202
        # One after the other is promised only of one order's.
        assert {next_subject(), next_subject()} == {"A", "B"}
    assert shop.delete(made["iri"]).status_code == 204
