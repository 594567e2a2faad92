"""Server-sent events, frame by frame: what is sent, and what ends a stream."""

import asyncio
import json
from typing import Any

import pytest

from doorstep.api import events
from tests.api.every_event import every_event
from tests.conftest import Api


class Wire:
    """What an HTTP server has to do with a stream: it sends, and knows when the client is gone."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.gone = asyncio.Event()

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.put_nowait(message)

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    def is_closing(self) -> bool:
        return self.gone.is_set()

    def set_write_buffer_limits(self, high: int) -> None:
        """What is sent here is taken at once."""


class Stream:
    """A stream of the application; `text` waits for what it sends next, None for the end."""

    def __init__(self, api: Api, query: str = "", *, version: str = "1.1", **headers: str) -> None:
        given = {"accept": "text/event-stream", "authorization": f"Bearer {api.token()}", **headers}
        self.wire = Wire()
        scope = {
            "type": "http",
            "method": "GET",
            "raw_path": b"/v2/events",
            "query_string": query.encode(),
            "http_version": version,
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "transport": self.wire,
        }
        self._api = api
        self._task = api.runner.get_loop().create_task(
            api.application(scope, self.wire.receive, self.wire.send)  # type: ignore[arg-type]
        )
        self.start = self.message()

    def message(self) -> dict[str, Any]:
        message: dict[str, Any] = self._api.run(self.wire.sent.get())
        return message

    def text(self) -> str | None:
        message = self.message()
        body: bytes = message.get("body", b"")
        return body.decode() if message.get("more_body") else None

    def leave(self) -> None:
        self.wire.gone.set()
        self._api.run(asyncio.wait_for(self._task, 5))


def ids(text: str | None) -> list[int]:
    return [int(line[4:]) for line in (text or "").splitlines() if line.startswith("id: ")]


def test_what_is_there_and_what_comes(api: Api) -> None:
    """The frames are the events of the feed."""
    every_event(api)
    stream = Stream(api)
    assert stream.start["status"] == 200
    headers = dict(stream.start["headers"])
    assert headers[b"content-type"].startswith(b"text/event-stream")
    assert headers[b"cache-control"] == b"no-store"
    beginning, *frames = (stream.text() or "").removesuffix("\n\n").split("\n\n")
    assert beginning == "retry: 1000"
    api.order("next")
    frames += (stream.text() or "").removesuffix("\n\n").split("\n\n")
    log = api.get("/v2/events?limit=1000").json()
    for frame, event in zip(frames, log, strict=True):
        sequence, kind, data = frame.split("\n")
        assert (sequence, kind) == (f"id: {event['sequence']}", f"event: {event['type']}")
        assert json.loads(data.removeprefix("data: ")) == event
    stream.leave()


def test_a_reader_that_comes_back_goes_on_where_it_was(api: Api) -> None:
    """`Last-Event-ID`, which a browser sends by itself, goes before what the path says."""
    every_event(api)
    last = api.get("/v2/events?limit=1000").json()[-1]["sequence"]
    stream = Stream(api, "after=3", **{"last-event-id": str(last - 2)})
    assert ids(stream.text()) == [last - 1, last]
    stream.leave()
    assert api.get("/v2/events", headers={"Last-Event-ID": "x"}).status_code == 400


def test_silence_is_broken_and_says_how_far_it_has_looked(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.01)
    api.order()
    stream = Stream(api, "types=order.cancelled")
    assert stream.text() == "retry: 1000\n\n"
    assert stream.text() == ": \nid: 1\n\n"
    stream.leave()


def test_only_what_is_wanted_from_now_on(api: Api) -> None:
    api.order("before")
    stream = Stream(api, "after=latest&types=item.*&order_id=before")
    assert stream.text() == "retry: 1000\n\n"
    api.order("other", order_items=[{"sku": "A"}])
    api.post("/v2/orders/other/items", {"sku": "B"})
    api.post("/v2/orders/before/items", {"sku": "C"})
    text = stream.text()
    assert (ids(text), '"sku":"C"' in str(text)) == ([4], True)
    stream.leave()


def test_a_stream_ends_with_its_token_and_with_the_server(api: Api) -> None:
    api.order()
    stream = Stream(api)
    assert ids(stream.text()) == [1]
    api.clock.advance(hours=1)
    assert stream.text() is None
    api.forget_tokens()
    stream = Stream(api, "after=1")
    assert ids(stream.text()) == []
    api.application.end_waiting()
    assert stream.text() is None


def test_a_client_that_leaves_makes_room(sqlite_file: object) -> None:
    api = Api(f"sqlite:///{sqlite_file}", max_event_streams=1)
    first = Stream(api)
    assert first.text() == "retry: 1000\n\n"
    assert Stream(api).start["status"] == 429
    first.leave()
    again = Stream(api)
    assert again.start["status"] == 200
    again.leave()
    assert api.services.event_streams.count == 0
    api.close()


def test_an_old_client_gets_what_is_there_and_comes_back(api: Api) -> None:
    """HTTP/1.0 knows no answer without an end."""
    api.order()
    stream = Stream(api, version="1.0")
    assert b"content-length" in dict(stream.start["headers"])
    body = stream.message()["body"].decode()
    assert (body.split("\n\n")[0], ids(body)) == ("retry: 1000", [1])
