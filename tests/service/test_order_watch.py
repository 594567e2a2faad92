"""How many may look at orders at once."""

import asyncio
from contextlib import ExitStack
from typing import Any

import pytest

from doorstep.service import order_watch
from doorstep.service.order_watch import MOST_OF_AN_ORDER
from doorstep.web import orders, together
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


class Readers:
    """So many who ask for a stream at one moment, and leave once each has got what is awaited."""

    def __init__(self, api: Api, path: str, count: int) -> None:
        self.statuses: list[int] = []
        self._api, self._path, self._count = api, path, count

    async def read_until(self, awaited: bytes) -> None:
        got, ended = 0, 0
        all_got_it = asyncio.Event()

        async def send(message: dict[str, Any]) -> None:
            nonlocal got, ended
            if message["type"] == "http.response.start":
                self.statuses.append(message["status"])
            else:
                got += awaited in message["body"]
                ended += not message.get("more_body")
            if got == self._count:
                all_got_it.set()

        async def ask() -> None:
            whole = iter([{"type": "http.request", "body": b""}])

            async def receive() -> dict[str, Any]:
                if (message := next(whole, None)) is not None:
                    return message
                await all_got_it.wait()
                # What a server says of a browser that has ended its side.
                return {"type": "http.request", "body": b""}

            scope = {
                "type": "http",
                "method": "GET",
                "path": self._path,
                "raw_path": self._path.encode(),
                "headers": [],
                "query_string": b"",
            }
            await self._api.site(scope, receive, send)

        await asyncio.gather(*(ask() for _ in range(self._count)))
        assert ended == self._count, "the server takes an answer without an end for a failure"


def test_who_asks_at_the_same_moment_finds_no_more_places(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "MOST_OF_AN_ORDER", 2)
    readers = Readers(api, changes_of(api), 5)
    api.run(readers.read_until(b""))
    assert sorted(readers.statuses) == [200, 200, 503, 503, 503]
    assert api.services.order_watch.count == 0


def test_what_all_see_is_made_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    # So long that nobody comes too late, however slow the machine is.
    monkeypatch.setattr(together, "SECONDS_TO_JOIN", 0.2)
    made: list[object] = []
    show = orders.show

    def noting(*given: Any) -> Any:
        made.append(given)
        return show(*given)

    monkeypatch.setattr(orders, "show", noting)
    api.run(Readers(api, changes_of(api), 20).read_until(b"event: changed"))
    assert 1 <= len(made) <= 5


def test_who_asks_for_the_head_alone_takes_no_place(api: Api) -> None:
    answer = api.raw("HEAD", changes_of(api))
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert (answer.status_code, answer.content) == (200, b"")
