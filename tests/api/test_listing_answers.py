"""Listings against a plain filter in Python: the same rows in the same order, or a refusal."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from doorstep.api.answers import Answers
from doorstep.service import listings as listings_service
from doorstep.store import blocks, listing_sources, listings
from tests.conftest import Api
from tests.databases import Databases, Files, execute

ORDERS = 120
NOW = "2027-01-15T08:00:00Z"
STATES = ("paid", "in_production", "cancelled")
SORTS = ("id", "order_date", "promised_delivery_date", "created_at")
Answer = dict[str, Any]
Test = Callable[[Answer], bool]


@pytest.fixture(scope="module")
def filled(databases: Files | Databases) -> Iterator[Api]:
    """Orders of which every filter fits some, in blocks of few numbers."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (blocks, listing_sources):
            patch.setattr(module, "NUMBERS_IN_A_BLOCK", 16)
        with closing(Api(databases.new())) as api:
            chance = random.Random(7)
            for number in range(ORDERS):
                _furnish(api, chance, number)
            yield api


def _furnish(api: Api, chance: random.Random, number: int) -> None:
    name = f"{chance.randrange(10**9)}-{number}"
    api.clock.advance(seconds=chance.choice([0, 7]))
    # Dates that mostly rise, so that whole blocks lie outside of a range.
    day = 1 + (number // 5 if chance.random() < 0.9 else chance.randrange(25))
    api.order(
        name,
        order_date=f"2026-12-{day:02}T00:00:00Z",
        language=chance.choice(["de", "fr", None]),
        order_tags={"k": str(chance.randrange(3))} if chance.random() < 0.8 else {},
        promised_delivery_date=chance.choice([None, f"2027-01-{day:02}T00:00:00Z"]),
        order_items=[{"sku": "S"}],
    )
    if chance.random() < 0.4:
        api.post("/v2/order_states", {"order_id": name, "state": chance.choice(STATES)})
        return
    # Two orders share a code, one of them perhaps on two parcels of different carriers.
    code = f"T-{number // 2}"
    for carrier in chance.sample([["dhl", "gls"], ["ups", "dpd"]][number % 2], chance.randrange(3)):
        api.shipment(name, tracking_code=code, carrier={"name": carrier})
        if chance.random() < 0.3:
            api.update(tracking_code=code, carrier=carrier, status="lost")


def _bounds(field: str, value: str) -> list[tuple[str, Test]]:
    """`field` against `value` in four ways; instants in the same form compare as texts."""

    def given(compare: Callable[[str], bool]) -> Test:
        return lambda o: o[field] is not None and compare(o[field])

    return [
        (f"{field}[after]={value}", given(lambda at: at >= value)),
        (f"{field}[before]={value}", given(lambda at: at <= value)),
        (f"{field}[strictly_after]={value}", given(lambda at: at > value)),
        (f"{field}[strictly_before]={value}", given(lambda at: at < value)),
    ]


def _tests(chance: random.Random, orders: list[Answer]) -> list[tuple[str, Test]]:
    """Every documented filter at some value, with the same in Python."""
    order = chance.choice(orders)
    code = f"T-{chance.randrange(ORDERS // 2)}"
    state, tag = chance.choice([*STATES, "new", "shipped"]), str(chance.randrange(3))
    day = f"2026-12-{chance.randrange(1, 26):02}T00:00:00Z"
    promise = f"2027-01-{chance.randrange(1, 26):02}T00:00:00Z"
    return [
        (f"order_id={order['order_id']}", lambda o: o["order_id"] == order["order_id"]),
        (f"state={state}", lambda o: o["state"] == state),
        ("delayed=true", lambda o: o["delayed"]),
        ("delayed=false", lambda o: not o["delayed"]),
        ("language=de", lambda o: o["language"] == "de"),
        (
            f"tracking_code={code}",
            lambda o: any(parcel["tracking_code"] == code for parcel in o["shipments"]),
        ),
        (f"order_tags[k]={tag}", lambda o: o["order_tags"].get("k") == tag),
        *_bounds("order_date", day),
        *_bounds("promised_delivery_date", promise),
    ]


def _expected(orders: list[Answer], tests: list[Test], sort: str, backwards: bool) -> list[int]:
    def rank(order: Answer) -> tuple[Any, int]:
        value = order[sort]
        return ("9999" if value is None else value, order["id"])

    found = [order for order in orders if all(test(order) for test in tests)]
    return [order["id"] for order in sorted(found, key=rank, reverse=backwards)]


def _follow(api: Api, path: str) -> list[int] | None:
    """The numbers of all pages, None where one was refused."""
    seen: list[int] = []
    at: str | None = path
    while at is not None:
        answer = api.get(at)
        if answer.status_code == 400:
            assert answer.json()["code"] == "listing_too_broad", answer.text
            return None
        assert answer.status_code == 200, answer.text
        seen += [line["id"] for line in answer.json()]
        link = answer.links.get("next")
        at = link and "/v2/" + link["url"].split("/v2/")[1]
    return seen


@pytest.mark.parametrize("longest", [10, 30, 50_000])
@pytest.mark.parametrize("seed", range(3))
def test_every_combination_finds_what_matches_or_is_refused(
    filled: Api, monkeypatch: pytest.MonkeyPatch, longest: int, seed: int
) -> None:
    monkeypatch.setattr(listings, "MOST_ROWS", longest)
    orders = filled.get("/v2/orders?limit=1000").json()
    assert len(orders) == ORDERS
    chance = random.Random(seed)
    answered = refused = 0
    for _ in range(60):
        asked = chance.sample(_tests(chance, orders), chance.choice([0, 1, 1, 2, 2, 3]))
        sort, backwards = chance.choice(SORTS), chance.random() < 0.5
        query = "&".join(quote(part, safe="=[]&-:") for part, _ in asked)
        query += f"&order[{sort}]={'desc' if backwards else 'asc'}"
        paging = chance.choice(["", "&limit=7", "&limit=1", "&limit=40"] if asked else ["&limit=9"])
        found = _follow(filled, f"/v2/orders?{query}{paging}")
        if found is None:
            refused += 1
            continue
        answered += 1
        assert found == _expected(orders, [test for _, test in asked], sort, backwards), query
    assert answered > 20
    assert (refused > 0) == (longest < ORDERS), "what is small is never refused"


@pytest.mark.parametrize("longest", [20, 50_000])
def test_every_combination_of_shipments_likewise(
    filled: Api, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr(listings, "MOST_ROWS", longest)
    every = filled.get("/v2/shipments?limit=1000").json()
    fields: dict[str, Callable[[Answer], str]] = {
        "order_id": lambda s: s["order_id"],
        "tracking_code": lambda s: s["tracking_code"],
        "status": lambda s: s["status"],
        "carrier": lambda s: s["carrier"]["name"],
    }
    chance = random.Random(3)
    for _ in range(60):
        asked = {name: fields[name](chance.choice(every)) for name in chance.sample([*fields], 2)}
        query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
        backwards = chance.random() < 0.5
        found = _follow(filled, f"/v2/shipments?{query}&limit=3&order_by={'-' * backwards}id")
        if found is None:
            assert longest < len(every)
            continue
        fitting = [s["id"] for s in every if all(fields[n](s) == v for n, v in asked.items())]
        assert found == (fitting[::-1] if backwards else fitting), query


def test_a_search_passes_over_blocks_that_cannot_match(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred old orders lie before the new ones, in other blocks."""
    for module in (blocks, listing_sources):
        monkeypatch.setattr(module, "NUMBERS_IN_A_BLOCK", 16)
    monkeypatch.setattr(listings, "MOST_ROWS", 40)
    for number in range(150):
        if number == 100:
            api.clock.advance(days=30)
            api.forget_tokens()
        api.order(f"{number}")
    query = "/v2/orders?created_at[after]=2027-02-01&limit=10"
    assert _follow(api, query) == [
        line["id"] for line in api.get("/v2/orders?limit=1000&offset=100").json()
    ]
    api.run(api.services.store.write(_forget_blocks))
    assert _follow(api, query) is None


async def _forget_blocks(connection: Any) -> None:
    """As if every block might hold any date."""
    await connection.text(
        "UPDATE order_blocks SET first_created_at = 0, last_created_at = 1e18", {}
    )


@pytest.mark.parametrize(
    "query",
    [
        *("orders?state=paid", "orders?language=de", "orders?order_tags[k]=1", "orders?"),
        *("shipments?status=new", "shipments?carrier=dhl", "shipments?"),
        *(f"orders?order[{sort}]=desc" for sort in SORTS),
        "orders?order_date[after]=2026-12-02&order_by=order_date",
        *(
            f"orders?{field}[{way}]={day}&order[id]={direction}"
            for field, day in (
                ("order_date", "2026-12-09"),
                ("promised_delivery_date", "2027-01-12"),
            )
            for way in ("after", "before")
            for direction in ("asc", "desc")
        ),
        *("orders?delayed=false", "orders?delayed=true&order_by=-id"),
    ],
)
def test_one_index_answers_however_much_it_holds(
    filled: Api, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """To the last page: some dates lie far from those of the orders around them."""
    whole = filled.get(f"/v2/{query}&limit=1000").json()
    monkeypatch.setattr(listings, "MOST_ROWS", 5)
    assert len(whole) > 10
    assert _follow(filled, f"/v2/{query}&limit=2") == [line["id"] for line in whole]


@pytest.mark.parametrize("way", ["asc", "desc"])
def test_a_cursor_from_before_the_range_begins_with_the_range(api: Api, way: str) -> None:
    """A client may narrow what it asks for and keep its cursor."""
    for number in range(1, 9):
        api.order(f"{number}", order_date=f"2026-01-0{number}T00:00:00Z")
    link = api.get(f"/v2/orders?order[order_date]={way}&limit=1").links["next"]["url"]
    narrowed = link.replace("limit=1", "limit=9") + "&order_date[after]=2026-01-04"
    found = [
        line["order_id"] for line in api.get(f"{narrowed}&order_date[before]=2026-01-06").json()
    ]
    assert found == (["4", "5", "6"] if way == "asc" else ["6", "5", "4"])


@pytest.mark.parametrize("way", ["asc", "desc"])
def test_a_cursor_from_beyond_the_range_finds_nothing_more(api: Api, way: str) -> None:
    for number in range(1, 9):
        api.order(f"{number}", order_date=f"2026-01-0{number}T00:00:00Z")
    link = api.get(f"/v2/orders?order[order_date]={way}&limit=6").links["next"]["url"]
    bound = "[before]=2026-01-02" if way == "asc" else "[after]=2026-01-07"
    assert api.get(f"{link}&order_date{bound}").json() == []


@pytest.mark.parametrize("paging", ["&limit=5", ""])
def test_the_refusal_says_how_to_narrow(
    database: str, monkeypatch: pytest.MonkeyPatch, paging: str
) -> None:
    """Thirty orders in German, thirty with a tag, none with both."""
    monkeypatch.setattr(listings, "MOST_ROWS", 20)
    with closing(Api(database, max_listed=10)) as api:
        for number in range(60):
            kind = {"order_tags": {"k": "1"}} if number % 2 else {"language": "de"}
            api.order(f"{number}", **kind)
        answer = api.get(f"/v2/orders?language=de&order_tags[k]=1{paging}")
        assert answer.status_code == 400
        assert answer.json()["code"] == "listing_too_broad"
        assert "language, order_tags" in answer.json()["detail"]
        assert "narrower" in answer.json()["detail"]
        narrower = f"/v2/orders?language=de&order_tags[k]=1&order_id=2{paging}"
        assert api.get(narrower).json() == [], "one narrow filter is enough"


def test_what_changed_since_the_search_is_not_shown_as_matching(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the first part goes out, orders of the second one change, come and go."""
    monkeypatch.setattr("doorstep.service.listings.ROWS_AT_ONCE", 3)
    for name in "ABCDEFGH":
        api.order(name, language="de")

    async def read() -> bytes:
        answer = b""
        async with api.http.stream("GET", "/v2/orders?language=de", headers=headers) as response:
            async for text in response.aiter_bytes():
                answer += text
        return answer

    headers = {"Authorization": f"Bearer {api.token()}"}
    changed: list[str] = []
    load = listings_service.load_orders

    async def interrupted(*arguments: Any) -> Any:
        loaded = await load(*arguments)
        if not changed:
            changed.append("E")
            execute(api.database, "UPDATE orders SET language = 'fr' WHERE order_id = 'E'")
            execute(api.database, "UPDATE orders SET order_id = 'F-2' WHERE order_id = 'F'")
        return loaded

    monkeypatch.setattr(listings_service, "load_orders", interrupted)
    found = msgspec.json.decode(api.run(read()))
    assert [order["order_id"] for order in found] == ["A", "B", "C", "D", "F-2", "G", "H"]


@pytest.mark.parametrize("query", ["limit=1000", "language=de"])
def test_pages_are_made_beside_the_event_loop(
    api: Api, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    api.order("A", language="de")
    threads: list[str] = []
    render = Answers.order

    def watched(self: Answers, order: Any) -> Any:
        threads.append(threading.current_thread().name)
        return render(self, order)

    monkeypatch.setattr(Answers, "order", watched)
    assert len(api.get(f"/v2/orders?{query}").json()) == 1
    assert [name.split("_")[0] for name in threads] == ["listing"]
