"""The Python client against a real server process: the whole API, in both flavours."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from doorstep.client import (
    AsyncClient,
    Client,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Order,
    Unauthorized,
)
from tests.conftest import Api, Server

MOMENT = dt.datetime(2024, 1, 15, 10, 30, tzinfo=dt.UTC)
ODD_IDS = ["A/items", "2024/0001", "..", ".", "a b+c%2F?#&", "Ünï ✓", "1" * 255, "'\"<>\\", "~"]


class Blocking:
    """An AsyncClient that is used like a Client."""

    def __init__(self, url: str, key: str) -> None:
        self._runner = asyncio.Runner()
        self._client = AsyncClient(url, key)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            if name in ("orders", "shipments", "events", "order_events"):
                return self._runner.run(self._all(method(*args, **kwargs)))
            return self._runner.run(method(*args, **kwargs))

        return call

    async def _all(self, pages: Any) -> Any:
        return iter([each async for each in pages])

    def end(self) -> None:
        self._runner.run(self._client.close())
        self._runner.close()


@pytest.fixture(params=["blocking", "awaited"])
def doorstep(
    request: pytest.FixtureRequest, shared_server: tuple[Server, list[str]], own_key: str
) -> Iterator[Any]:
    url = shared_server[0].url
    if request.param == "blocking":
        with Client(url, own_key) as client:
            yield client
    else:
        awaited = Blocking(url, own_key)
        yield awaited
        awaited.end()


def test_orders(doorstep: Any) -> None:
    order = doorstep.create_order(
        "ORD-1",
        order_date=MOMENT,
        promised_delivery_date=dt.date(2024, 1, 20),
        language="de",
        boarding_complete=False,
        order_url="https://shop.example.com/1",
        order_tags={"a": "1"},
        recipient={"first_name": "Ada", "zip_code": "10115"},
        order_items=[{"sku": "A", "item_value": Decimal("29.99"), "quantity": 2}],
    )
    assert isinstance(order, Order)
    assert (order.replayed, order.state, order.order_date) == (False, "new", MOMENT)
    assert order.promised_delivery_date == dt.datetime(2024, 1, 20, 23, 59, 59, tzinfo=dt.UTC)
    assert (order.delayed, order.delayed_at) == (True, order.promised_delivery_date)
    assert (order.order_items[0].item_value, order.order_items[0].quantity) == (29.99, 2)
    assert order.recipient is not None
    assert order.recipient.zip_code == "10115"
    assert doorstep.order("ORD-1") == doorstep.order(order.id) == order
    again = doorstep.create_order("ORD-1", order_date=MOMENT, language="de")
    assert (again.replayed, again.id) == (True, order.id)
    changed = doorstep.change_order("ORD-1", language="fr", recipient={"city": "Wien"})
    assert (changed.language, changed.order_url) == ("fr", order.order_url)
    assert (changed.recipient.city, changed.recipient.first_name) == ("Wien", None)
    doorstep.delete_order("ORD-1")
    with pytest.raises(NotFound) as gone:
        doorstep.order("ORD-1")
    assert gone.value.code == "order_not_found"


def test_none_clears(doorstep: Any) -> None:
    fields: dict[str, Any] = {
        "language": "de",
        "order_url": "https://shop.example.com/1",
        "promised_delivery_date": MOMENT,
        "recipient": {"city": "Wien"},
        "order_tags": {"a": "1"},
        "boarding_complete": True,
    }
    doorstep.create_order("ORD-1", **fields)
    cleared = doorstep.change_order("ORD-1", **dict.fromkeys(fields))
    assert (cleared.language, cleared.order_url, cleared.promised_delivery_date) == (None,) * 3
    assert (cleared.recipient, cleared.order_tags, cleared.boarding_complete) == (None, {}, None)
    assert cleared.delayed is False
    shipment = doorstep.add_shipment(
        order_id="ORD-1", tracking_code="T", reference_number="R", carrier={"name": "dhl"}
    )
    bare = doorstep.change_shipment(shipment.id, reference_number=None, carrier=None)
    assert (bare.tracking_code, bare.reference_number, bare.carrier) == ("T", None, None)
    item = doorstep.add_item("ORD-1", sku="A", name="Shirt")
    assert doorstep.change_item("ORD-1", item.id, name=None).name is None
    doorstep.change_account(untrackable_days=3)
    assert doorstep.change_account(untrackable_days=None).untrackable_days is None


@pytest.mark.parametrize("order_id", ODD_IDS)
def test_odd_order_ids(doorstep: Any, order_id: str) -> None:
    made = doorstep.create_order(order_id)
    assert doorstep.order(order_id) == doorstep.order(made.id)
    assert doorstep.change_order(order_id, language="de").language == "de"
    item = doorstep.add_item(order_id, sku="A")
    assert doorstep.items(order_id) == [item]
    assert doorstep.report_state(order_id, "paid").order_id == order_id
    assert [order.order_id for order in doorstep.orders(order_id=order_id)] == [order_id]
    doorstep.delete_order(order_id)
    with pytest.raises(NotFound):
        doorstep.order(order_id)


def test_items(doorstep: Any) -> None:
    doorstep.create_order("ORD-1")
    doorstep.put_warehouse("Main / Wien", address="Lagerstraße 5")
    item = doorstep.add_item(
        "ORD-1", sku="A", sales_price=Decimal("29.99"), weight=180, warehouse="Main / Wien",
        external_id="E-1", returnable=True, status="refunded",
    )  # fmt: skip
    assert (item.status, item.sales_price, item.weight) == ("new", 29.99, 180)
    assert (item.warehouse_address, item.shop_order_id) == ("Lagerstraße 5", "ORD-1")
    assert doorstep.item("ORD-1", item.id) == item
    again = doorstep.add_item("ORD-1", sku="A", external_id="E-1")
    assert (again.replayed, again.id) == (True, item.id)
    changed = doorstep.change_item("ORD-1", item.id, status="delivered", size="M")
    assert (changed.status, changed.size, changed.sku) == ("delivered", "M", "A")
    doorstep.remove_item("ORD-1", item.id)
    assert doorstep.items("ORD-1") == []


def test_states(doorstep: Any) -> None:
    doorstep.create_order("ORD-1")
    entry = doorstep.report_state("ORD-1", "paid", datetime=MOMENT, location="Wien")
    assert (entry.state, entry.datetime, entry.location) == ("paid", MOMENT, "Wien")
    assert entry.replayed is False
    assert doorstep.report_state("ORD-1", "paid").replayed is True
    assert [line.state for line in doorstep.order("ORD-1").states_history] == ["new", "paid"]
    with pytest.raises(Invalid) as refused:
        doorstep.report_state("ORD-1", "shipped")
    assert [fault.property_path for fault in refused.value.violations] == ["state"]
    with pytest.raises(Conflict) as back:
        doorstep.report_state("ORD-1", "returned")
    assert back.value.code == "state_not_allowed"


def test_shipments_and_updates(doorstep: Any) -> None:
    doorstep.create_order("ORD-1", promised_delivery_date=MOMENT)
    shipment = doorstep.add_shipment(
        order_id="ORD-1", tracking_code="T/1", carrier={"name": "dhl", "country": "DE"},
        planned_pickup_datetime=MOMENT, weight=Decimal("1.5"), shipment_tag={"a": "1"},
        recipient_zip="1010", local_delivery=True,
    )  # fmt: skip
    assert (shipment.status, shipment.counted, shipment.replayed) == ("new", True, False)
    assert shipment.planned_pickup_datetime == MOMENT
    assert shipment.carrier is not None
    assert shipment.carrier.country == "DE"
    assert doorstep.shipment(shipment.id) == shipment
    again = doorstep.add_shipment(order_id="ORD-1", tracking_code="T/1", carrier={"name": "DHL"})
    assert (again.replayed, again.id) == (True, shipment.id)
    assert doorstep.change_shipment(shipment.id, comment="ring").comment == "ring"
    update: dict[str, Any] = {"tracking_code": "T/1", "datetime": MOMENT, "status": "delivered"}
    recorded = doorstep.record_carrier_update(**update)
    assert (recorded.replayed, recorded.event, recorded.creation_date) == (
        *(False, "Delivered", MOMENT),
    )
    assert doorstep.record_carrier_update(**update).replayed is True
    assert doorstep.order("ORD-1").state == "completed"
    assert doorstep.order("ORD-1").delayed is False
    retracted = doorstep.record_carrier_update(
        shipment_id=shipment.id, datetime=MOMENT, retracts=recorded.id
    )
    assert retracted.retracts == recorded.id
    assert doorstep.order("ORD-1").state == "shipped"
    assert [one.id for one in doorstep.shipment_events(shipment.id)] == [
        recorded.id,
        retracted.id,
    ]
    early = doorstep.record_carrier_update(tracking_code="E", datetime=MOMENT, status="pickup")
    assert (early.status, early.shipment_id) == ("kept", None)
    assert early.kept_until is not None
    other = doorstep.add_shipment(order={"order_id": "ORD-2", "language": "de"}, tracking_code="E")
    assert (other.status, other.order_id) == ("pickup", "ORD-2")
    with pytest.raises(Conflict):
        doorstep.delete_shipment(other.id)
    doorstep.delete_shipment(shipment.id)
    with pytest.raises(NotFound):
        doorstep.shipment(shipment.id)
    assert doorstep.order("ORD-1").state == "new"


def test_many_updates_go_in_several_calls(doorstep: Any) -> None:
    doorstep.create_order("ORD-1")
    doorstep.add_shipment(order_id="ORD-1", tracking_code="T")
    updates = [
        {"tracking_code": "T", "datetime": MOMENT, "location": str(number)}
        for number in range(1_500)
    ]
    updates[1_200] = {"tracking_code": "T", "datetime": MOMENT, "status": "eaten"}
    outcomes = doorstep.record_carrier_updates(updates)
    assert [outcome.index for outcome in outcomes] == list(range(1_500))
    assert [outcome.index for outcome in outcomes if outcome.status != 201] == [1_200]
    assert (outcomes[1_200].status, outcomes[1_200].code) == (400, "invalid_field")


def test_listings(doorstep: Any) -> None:
    for number in range(7):
        doorstep.create_order(
            f"O-{number}",
            order_date=MOMENT + dt.timedelta(days=number),
            order_tags={"kind of": "even" if number % 2 == 0 else "odd & so on"},
        )
        doorstep.add_shipment(order_id=f"O-{number}", tracking_code=f"T {number}+")

    def found(**filters: Any) -> list[int]:
        return [int(order.order_id[2:]) for order in doorstep.orders(**filters)]

    assert found(page_size=2) == list(range(7))
    assert found(page_size=3, order={"order_date": "desc"}) == list(reversed(range(7)))
    assert found(order_tags={"kind of": "odd & so on"}) == [1, 3, 5]
    day = dt.date(2024, 1, 17)
    assert found(order_date={"after": day}) == [2, 3, 4, 5, 6]
    assert found(order_date={"strictly_after": day}) == [3, 4, 5, 6]
    assert found(order_date={"after": MOMENT, "before": MOMENT}) == [0]
    assert found(state="shipped", delayed=False, page_size=1) == list(range(7))
    assert found(tracking_code="T 3+") == [3]
    codes = [one.tracking_code for one in doorstep.shipments(page_size=4, status="new")]
    assert codes == [f"T {number}+" for number in range(7)]
    assert [one.order_id for one in doorstep.shipments(order_id="O-3")] == ["O-3"]
    with pytest.raises(Invalid):
        found(state="eaten")


def test_events(doorstep: Any) -> None:
    begin = max((event.sequence for event in doorstep.events()), default=0)
    doorstep.create_order("EVENTS-1", order_items=[{"sku": "A"}])
    doorstep.report_state("EVENTS-1", "paid")
    told = list(doorstep.events(after=begin, page_size=1))
    assert [event.type for event in told] == ["order.created", "order.paid"]
    assert told[0].data["order_items"][0]["sku"] == "A"
    assert list(doorstep.order_events("EVENTS-1")) == told
    assert list(doorstep.events(after=begin, types=["order.paid"], order_id="EVENTS-1")) == told[1:]
    assert list(doorstep.events(after="latest")) == []


def test_explanations(doorstep: Any) -> None:
    doorstep.create_order("WHY-1", promised_delivery_date=dt.datetime(2024, 1, 20, tzinfo=dt.UTC))
    doorstep.add_shipment(order_id="WHY-1", tracking_code="W", carrier={"name": "dhl"})
    why = doorstep.explanation("WHY-1")
    assert (why.order_id, why.state, why.delayed) == ("WHY-1", "shipped", True)
    codes = {reason.code: reason for reason in why.reasons}
    late = codes["late_since"]
    assert late.promised_delivery_date == dt.datetime(2024, 1, 20, tzinfo=dt.UTC)
    assert late.late_seconds is not None
    assert late.late_seconds > 0
    assert late.text in why.text


def test_following_events(shared_server: tuple[Server, list[str]], own_key: str) -> None:
    """Both ways to iterate go on when there is something new, and wait between."""
    with Client(shared_server[0].url, own_key, timeout_seconds=2) as client:
        client.create_order("A")
        assert [event.subject for event in client.events()] == ["A"]

    async def follow() -> list[str | None]:
        async with AsyncClient(shared_server[0].url, own_key) as client:
            events = aiter(client.events(follow=True))
            found = [(await anext(events)).subject]
            waiting = asyncio.ensure_future(anext(events))
            await client.create_order("B")
            return [*found, (await waiting).subject]

    assert asyncio.run(follow()) == ["A", "B"]
    with Client(shared_server[0].url, own_key, timeout_seconds=2) as client:
        following = client.events(after=1, follow=True)
        assert next(following).subject == "B"
        client.create_order("C")
        assert next(following).subject == "C"


def test_carriers_account_and_warehouses(doorstep: Any) -> None:
    assert {"dhl", "ups"} <= {carrier.code for carrier in doorstep.carriers()}
    url = "https://bob.example.com/{tracking_code}"
    made = doorstep.put_carrier("uncle-bob", name="Uncle Bob", countries=["at"], tracking_url=url)
    assert (made.code, made.countries, made.tracking_url) == ("uncle-bob", ["AT"], url)
    assert made in doorstep.carriers()
    doorstep.delete_carrier("uncle-bob")
    with pytest.raises(NotFound):
        doorstep.delete_carrier("uncle-bob")
    with pytest.raises(Conflict):
        doorstep.delete_carrier("dhl")
    account = doorstep.account()
    assert (account.time_zone, account.language, account.untrackable_days) == ("UTC", "en", None)
    assert isinstance(account.id, int)
    assert account.created_at.tzinfo is not None
    changed = doorstep.change_account(time_zone="Europe/Vienna", language="de")
    assert (changed.id, changed.slug, changed.created_at) == (
        *(account.id, account.slug, account.created_at),
    )
    assert doorstep.account() == changed
    warehouse = doorstep.put_warehouse("Wien/1", address="Lagerstraße 5")
    assert doorstep.warehouses() == [warehouse]
    assert doorstep.put_warehouse("Wien/1", address="Neu 1").address == "Neu 1"
    doorstep.delete_warehouse("Wien/1")
    assert doorstep.warehouses() == []


def test_typed_errors(doorstep: Any, shared_server: tuple[Server, list[str]]) -> None:
    doorstep.create_order("ORD-1", language="de")
    with pytest.raises(Conflict) as exists:
        doorstep.create_order("ORD-1", language="fr")
    assert (exists.value.status, exists.value.code) == (409, "order_exists")
    assert [fault.property_path for fault in exists.value.violations] == ["language"]
    with pytest.raises(Invalid) as wrong:
        doorstep.add_shipment(order_id="ORD-1", tracking_code="T", weight=-1, cod="yes")
    assert {fault.property_path for fault in wrong.value.violations} == {"weight", "cod"}
    with pytest.raises(NotFound):
        doorstep.add_shipment(order_id="ORD-2", tracking_code="T")
    stranger = Client(shared_server[0].url, "ds_1_0000000000_" + "x" * 43)
    with stranger, pytest.raises(Unauthorized) as unknown:
        stranger.account()
    assert unknown.value.detail == "Invalid credentials."


def test_a_scope_that_does_not_reach(api: Api) -> None:
    """The client speaks to the application in this process, which has keys of every scope."""
    key = api.access_key(scope="read")

    async def use() -> None:
        transport = api.http._transport
        client = AsyncClient("http://testserver", key, transport=transport)
        assert [order async for order in client.orders()] == []
        with pytest.raises(Forbidden) as refused:
            await client.create_order("ORD-1")
        assert refused.value.code == "scope_not_allowed"

    api.run(use())
