"""How many may look at orders at once."""

import asyncio
from contextlib import ExitStack
from typing import Any

import pytest

from doorstep.service import order_watch
from doorstep.service.order_watch import MOST_OF_AN_ORDER
from tests.conftest import Api

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def changes_of(api: Api) -> str:
    page: str = api.order()["tracking_page_url"].removeprefix("http://127.0.0.1:8080")
    return f"{page}/changes"


def test_one_order_takes_the_places_of_no_other(api: Api) -> None:
    watch = api.services.order_watch

    async def look() -> list[bool]:
        with ExitStack() as looking:
            for _ in range(MOST_OF_AN_ORDER):
                assert watch.has_place(1, 1)
                looking.enter_context(watch.watch(1, 1))
            found = [watch.has_place(1, 1), watch.has_place(1, 2), watch.has_place(2, 1)]
        return [*found, watch.has_place(1, 1)]

    assert api.run(look()) == [False, True, True, True]


def test_a_process_has_so_many_places_and_no_more(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "MOST_WATCHED", 3)
    watch = api.services.order_watch

    async def look() -> bool:
        with ExitStack() as looking:
            for number in range(3):
                looking.enter_context(watch.watch(1, number))
            return watch.has_place(1, 9)

    assert not api.run(look())


def test_who_finds_no_place_is_told_to_come_later(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "MOST_OF_AN_ORDER", 0)
    answer = api.raw("GET", changes_of(api))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")


def test_who_asks_at_the_same_moment_finds_no_more_places(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "MOST_OF_AN_ORDER", 2)
    path = changes_of(api)

    async def ask_at_once(count: int) -> list[int]:
        statuses: list[int] = []
        ended: list[object] = []
        all_answered = asyncio.Event()

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                if len(statuses) == count:
                    all_answered.set()
            elif not message.get("more_body"):
                ended.append(message)

        async def ask() -> None:
            whole = iter([{"type": "http.request", "body": b""}])

            async def receive() -> dict[str, Any]:
                if (message := next(whole, None)) is not None:
                    return message
                await all_answered.wait()
                # What a server says of a browser that has ended its side.
                return {"type": "http.request", "body": b""}

            scope = {
                "type": "http",
                "method": "GET",
                "path": path,
                "raw_path": path.encode(),
                "headers": [],
                "query_string": b"",
            }
            await api.site(scope, receive, send)

        await asyncio.gather(*(ask() for _ in range(count)))
        assert len(ended) == count, "the server takes an answer without an end for a failure"
        return sorted(statuses)

    assert api.run(ask_at_once(5)) == [200, 200, 503, 503, 503]
    assert api.services.order_watch.count == 0


def test_who_asks_for_the_head_alone_takes_no_place(api: Api) -> None:
    answer = api.raw("HEAD", changes_of(api))
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert (answer.status_code, answer.content) == (200, b"")
