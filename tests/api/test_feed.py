"""The feed and an order's events: pages, cursors, filters, waiting for the next event."""

import asyncio
import re
from typing import Any

import httpx
import pytest

from doorstep.service.events import log
from tests.api.every_event import every_event
from tests.conftest import Api

Events = list[dict[str, Any]]


def next_path(answer: httpx.Response) -> str:
    found = re.fullmatch(r'<(/v2/[^>]+)>; rel="next"', answer.headers["link"])
    assert found is not None
    return found[1]


def page(api: Api, path: str) -> tuple[Events, str]:
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json(), next_path(answer)


def followed(api: Api, path: str) -> tuple[Events, str]:
    """All pages until an empty one, and the path that it leads to."""
    found: Events = []
    while True:
        events, path = page(api, path)
        if not events:
            return found, path
        found += events


def sequences(events: Events) -> list[int]:
    return [event["sequence"] for event in events]


def test_following_the_link_gives_every_event_once(api: Api) -> None:
    every_event(api)
    whole, _ = page(api, "/v2/events?limit=1000")
    assert sequences(whole) == list(range(1, len(whole) + 1))
    in_pages, on = followed(api, "/v2/events?limit=7")
    assert in_pages == whole
    assert on == f"/v2/events?limit=7&after={len(whole)}"
    api.order("later")
    assert [event["subject"] for event in page(api, on)[0]] == ["later"]


def test_without_a_limit_a_page_has_a_hundred(api: Api) -> None:
    for number in range(101):
        api.order(f"O-{number}")
    first, on = page(api, "/v2/events")
    assert sequences(first) == list(range(1, 101))
    assert sequences(page(api, on)[0]) == [101]


def test_from_now_on(api: Api) -> None:
    every_event(api)
    nothing, on = page(api, "/v2/events?after=latest&types=order.created")
    assert nothing == []
    assert page(api, on)[0] == []
    api.order("next")
    assert [event["subject"] for event in page(api, on)[0]] == ["next"]


def test_types_alone_and_in_groups(api: Api) -> None:
    every_event(api)
    whole, _ = page(api, "/v2/events?limit=1000")
    wanted, on = page(api, "/v2/events?types=order.shipped,item.*&limit=1000")
    kinds = ("order.shipped", "item.added", "item.changed", "item.removed")
    assert wanted == [event for event in whole if event["type"] in kinds]
    assert on.endswith(f"after={len(whole)}"), "what was looked at is not looked at again"


def test_a_filter_looks_at_a_bounded_part_of_the_log(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_event(api)
    monkeypatch.setattr(log, "SCANNED_TOGETHER", 3)
    monkeypatch.setattr(log, "MOST_SCANNED", 6)
    whole = page(api, "/v2/events?limit=1000")[0]
    wanted = [event for event in whole if event["type"] == "order.deleted"]
    path, found, pages = "/v2/events?types=order.deleted", [], 0
    while len(found) < len(wanted):
        events, path = page(api, path)
        found += events
        pages += 1
    assert found == wanted
    assert pages == len(whole) / 6 // 1 + (len(whole) % 6 > 0)


def test_a_page_of_large_events_is_short(api: Api) -> None:
    tags = {f"tag-{number}": "x" * 4_000 for number in range(50)}
    for number in range(12):
        api.order(f"O-{number}", order_tags=tags)
    first, on = page(api, "/v2/events?limit=1000")
    assert sequences(first) == [1, 2, 3, 4, 5, 6]
    assert sequences(followed(api, on)[0]) == [7, 8, 9, 10, 11, 12]


def test_large_events_behind_small_ones_are_not_read_all_at_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    load_log = log.load_log

    async def noting(*args: Any, **values: Any) -> list[log.LoggedEvent]:
        events = await load_log(*args, **values)
        read.append(sum(len(event.data) for event in events))
        return events

    monkeypatch.setattr(log, "load_log", noting)
    monkeypatch.setattr(log, "MOST_READ_TOGETHER", 5)
    for number in range(30):
        text = "x" * (4_000 if number >= 8 else 1)
        api.order(f"A-{number}", order_items=[{"name": text, "description": text}])
    assert len(api.get("/v2/events?limit=1000").json()) == 30
    assert max(read) < 5 * 9_000


@pytest.mark.parametrize("path", ["/v2/events?order_id={}&", "/v2/orders/{}/events?"])
def test_an_orders_events_living_or_deleted(api: Api, path: str) -> None:
    """Several orders that bore one name, one after the other, and one by its number."""
    numbers = []
    for _ in (1, 2):
        numbers.append(api.order("A/1")["id"])
        api.order("other")
        api.shipment("A/1", tracking_code="T")
        api.delete("/v2/orders/A%2F1")
        api.delete("/v2/orders/other")
    numbers.append(api.order("A/1")["id"])
    whole = page(api, "/v2/events?limit=1000")[0]

    def told(name: object) -> Events:
        found, on = followed(api, path.format(name) + "limit=2")
        assert on.endswith(f"after={len(whole)}")
        return found

    assert told("A%2F1") == [event for event in whole if event["subject"] == "A/1"]
    for number in numbers:
        assert told(number) == [event for event in whole if event["data"]["id"] == number]
    shipped = page(api, path.format("A%2F1") + "types=order.shipped")[0]
    assert [event["type"] for event in shipped] == ["order.shipped"] * 2


@pytest.mark.parametrize("path", ["/v2/events?order_id={}", "/v2/orders/{}/events"])
def test_an_order_that_never_was_or_is_anothers(api: Api, path: str) -> None:
    other = api.account()
    number = api.post("/v2/order", {"order_id": "theirs"}, key=other).json()["id"]
    for name in ("none", "theirs", number, "0"):
        assert api.get(path.format(name)).json()["code"] == "order_not_found"


def test_accounts_see_their_own_events_only(api: Api) -> None:
    other = api.account()
    api.order("mine")
    api.post("/v2/order", {"order_id": "theirs"}, key=other)
    assert [event["subject"] for event in page(api, "/v2/events")[0]] == ["mine"]
    assert [event["subject"] for event in api.get("/v2/events", key=other).json()] == ["theirs"]


def test_all_that_is_malformed_is_told_at_once(api: Api) -> None:
    query = "after=x&limit=0&types=order.shipped,order.x&order_id=&wait=61"
    answer = api.get(f"/v2/events?{query}")
    assert answer.status_code == 400
    paths = [violation["propertyPath"] for violation in answer.json()["violations"]]
    assert paths == ["after", "limit", "types", "order_id", "wait"]
    for query in (
        "after=-1",
        "after=1e3",
        "after=",
        "limit=1001",
        "types=",
        "types=x.*",
        "wait=1.",
    ):
        assert api.get(f"/v2/events?{query}").status_code == 400, query


def test_head_is_answered_like_get(api: Api) -> None:
    api.order()
    headers = {"Accept": "text/event-stream"}
    assert next_path(api.call("HEAD", "/v2/events")) == "/v2/events?after=1"
    answer = api.call("HEAD", "/v2/events", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_request_that_waits_is_answered_by_the_next_event_that_it_wants(api: Api) -> None:
    wait = "/v2/events?after=latest&types=order.cancelled&wait=60"
    api.order("one")
    cancelled = {"order_id": "one", "state": "cancelled"}

    async def both() -> tuple[httpx.Response, ...]:
        waiting = asyncio.create_task(api.send("GET", wait))
        await api.send("POST", "/v2/order_states", json={"order_id": "one", "state": "paid"})
        await api.send("POST", "/v2/order_states", json=cancelled)
        return await waiting, await api.send("GET", "/v2/events?types=order.cancelled")

    answer, afterwards = api.run(both())
    assert answer.json() == afterwards.json() != []


def test_a_request_waits_no_longer_than_it_wants(api: Api) -> None:
    api.order()
    assert page(api, "/v2/events?after=1&wait=1") == ([], "/v2/events?wait=1&after=1")


def test_a_server_that_stops_keeps_nobody_waiting(api: Api) -> None:
    async def stop() -> httpx.Response:
        waiting = asyncio.create_task(api.send("GET", "/v2/events?after=7&wait=60"))
        await until_waiting(api, 1)
        api.application.end_waiting()
        return await waiting

    api.token()
    answer = api.run(stop())
    assert (answer.json(), next_path(answer)) == ([], "/v2/events?wait=60&after=7")


async def until_waiting(api: Api, count: int) -> None:
    while api.services.event_streams.count != count:
        await asyncio.sleep(0)


def test_a_token_that_expires_waits_no_longer(api: Api) -> None:
    async def expire() -> httpx.Response:
        waiting = asyncio.create_task(api.send("GET", "/v2/events?wait=60"))
        await until_waiting(api, 1)
        api.clock.advance(hours=1)
        return await waiting

    api.token()
    answer = api.run(expire())
    assert answer.json() == {"code": 401, "message": "Expired JWT Token"}


def test_who_leaves_makes_room(sqlite_file: object) -> None:
    """A client that is gone waits for nothing; too many at once are told to come back."""
    api = Api(f"sqlite:///{sqlite_file}", max_event_streams=1)
    other = api.account()

    async def leave() -> list[httpx.Response]:
        waiting = asyncio.create_task(api.send("GET", "/v2/events?wait=60"))
        await until_waiting(api, 1)
        refused = await api.send("GET", "/v2/events?wait=60")
        others = asyncio.create_task(api.send("GET", "/v2/events?wait=60", key=other))
        await until_waiting(api, 2)
        for task in (waiting, others):
            task.cancel()
        await asyncio.gather(waiting, others, return_exceptions=True)
        await until_waiting(api, 0)
        return [refused, await api.send("GET", "/v2/events")]

    api.token(), api.token(other)
    refused, answer = api.run(leave())
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_event_streams"
    assert refused.headers["retry-after"] == "5"
    assert answer.status_code == 200
    api.close()


def test_the_schemas_are_published(api: Api) -> None:
    api.order()
    event = page(api, "/v2/events")[0][0]
    schema = api.raw("GET", event["dataschema"]).json()
    assert schema["$id"] == event["dataschema"]
    assert schema["properties"]["type"] == {"const": "order.created"}
    for name in ("order.created", "order.none.json", "order.*.json"):
        assert api.raw("GET", f"/v2/schemas/{name}").json()["code"] == "schema_not_found"
