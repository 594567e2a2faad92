"""Whatever is asked in whatever order: no 5xx, no refusal by the database, rows equal to events.

`pytest tests/store/test_properties.py --hypothesis-profile=thorough` tries many more.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from doorstep.domain.order import SECOND
from doorstep.service.verify import verify
from doorstep.times import format_time
from tests.conftest import Api
from tests.databases import Databases, Files

ORDER_IDS = ["A", "B", "C"]
STATES = [
    *("new", "paid", "in_production", "warehouse_handover", "in_preparation", "shipped"),
    *("completed", "cancelled", "returned", "refunded"),
]
STATUSES = [
    *("new", "info", "pickup", "hub_scan", "out_for_delivery", "Carded"),
    *("lost", "returned_to_sender", "delivered", "delivered"),
]
DAYS = [-40, -3, -1, 0, 0, 1, 3]

order_ids = st.sampled_from(ORDER_IDS)
tracking_codes = st.sampled_from(["T-1", "T-2"])
reference_numbers = st.sampled_from(["R-1", "R-2", "T-1"])
carriers = st.sampled_from([{"name": "dhl"}, {"name": "DHL", "country": "DE"}, {"name": "gls"}])
flags = st.booleans()
days = st.sampled_from(DAYS)
which = st.integers(0, 5)


def fields(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=optional)


def asked(name: str, *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(st.just(name), *parts)


item = st.fixed_dictionaries({"sku": st.sampled_from("XY")}, optional={"external_id": st.just("E")})
orders = fields(
    boarding_complete=st.sampled_from([None, True, False]),
    promised_delivery_date=days,
    order_items=st.lists(item, max_size=2),
    order_tags=st.sampled_from([{}, {"a": "1"}, {"a": "2", "b": "3"}]),
    recipient=st.sampled_from([{"first_name": "Ada"}, {"first_name": "Bob", "city": "Wien"}]),
)
names = fields(tracking_code=tracking_codes, reference_number=reference_numbers, carrier=carriers)
parcels = st.builds(
    lambda named, more: named | more,
    names,
    fields(
        return_parcel=flags,
        counted=flags,
        trackable=st.sampled_from([True, False, False]),
        planned_pickup_datetime=days,
        local_delivery=flags,
        recipient_first_name=st.sampled_from(["Eve", None]),
        comment=st.sampled_from(["ring twice", ""]),
    ),
)
carrier_updates = st.builds(
    lambda named, more: named | {"datetime": 0} | more,
    names,
    fields(
        status=st.sampled_from(STATUSES),
        datetime=days,
        location=st.just("Wien"),
        retracts=which,
        shipment_id=which,
    ),
)
requests = st.one_of(
    asked("create order", order_ids, orders),
    asked("change order", order_ids, orders),
    asked("delete order", order_ids),
    asked("add item", order_ids, item),
    asked("change item", which, st.sampled_from(["new", "delivered", "refunded", "refunded"])),
    asked("delete item", which),
    asked("report", order_ids, st.sampled_from(STATES), st.none() | days),
    asked("add shipment", order_ids, parcels),
    asked("add shipment", order_ids, parcels),
    asked("add shipment and order", order_ids, orders, parcels),
    asked("change shipment", which, parcels),
    asked("delete shipment", which),
    asked("update", carrier_updates),
    asked("update", carrier_updates),
    asked("updates", st.lists(carrier_updates, min_size=1, max_size=4)),
    asked("untrackable days", st.sampled_from([None, 0, 2])),
)
steps = st.lists(
    st.one_of(
        # Several at once share a group: each has to see the one before.
        st.lists(requests, min_size=1, max_size=4),
        st.sampled_from([1, 3_600, 86_400, 3 * 86_400, 31 * 86_400, 40 * 86_400]),
    ),
    min_size=1,
    max_size=20,
)


class Run:
    """Sends the steps; earlier answers give the numbers that later requests speak of."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.known: dict[str, list[Any]] = {"items": [], "shipments": [], "updates": []}

    def take(self, step: Any) -> None:
        if isinstance(step, int | float):
            self.api.clock.now += int(step * SECOND)
            self.api.forget_tokens()
            return
        self.api.token()
        sent = [self._request(*asked) for asked in step]
        for answer in self.api.run(self._together(sent)):
            assert answer.status_code < 500, answer.text
            if answer.status_code < 300 and answer.content:
                self._note(answer.request.url.path, answer.json())

    async def _together(self, sent: list[tuple[str, str, Any]]) -> list[Any]:
        return await asyncio.gather(
            *(self.api.send(method, path, json=body) for method, path, body in sent)
        )

    def _note(self, path: str, body: Any) -> None:
        if path.endswith("/items"):
            self.known["items"].append(body["id"])
        elif path == "/v2/shipments":
            self.known["shipments"].append(body["id"])
        elif path == "/v2/carrier_updates" and isinstance(body, dict):
            self.known["updates"].append(body["id"])
        elif path == "/v2/order":
            self.known["items"] += [item["id"] for item in body["order_items"]]

    def _request(self, name: str, *given: Any) -> tuple[str, str, Any]:
        match name, given:
            case "create order", (order_id, order):
                return "POST", "/v2/order", {"order_id": order_id, **self._timed(order)}
            case "change order", (order_id, order):
                return "PUT", f"/v2/orders/{order_id}", self._timed(order)
            case "delete order", (order_id,):
                return "DELETE", f"/v2/orders/{order_id}", None
            case "add item", (order_id, item):
                return "POST", f"/v2/orders/{order_id}/items", item
            case "change item", (item, status):
                path = f"/v2/order_items/{self._one('items', item)}"
                return "PUT", path, {"status": status}
            case "delete item", (item,):
                return "DELETE", f"/v2/order_items/{self._one('items', item)}", None
            case "report", (order_id, state, day):
                report = {"order_id": order_id, "state": state, "datetime": day}
                return "POST", "/v2/order_states", self._timed(report)
            case "add shipment", (order_id, parcel):
                return "POST", "/v2/shipments", {"order_id": order_id, **self._timed(parcel)}
            case "add shipment and order", (order_id, order, parcel):
                embedded = {"order_id": order_id, **self._timed(order)}
                return "POST", "/v2/shipments", {"order": embedded, **self._timed(parcel)}
            case "change shipment", (shipment, parcel):
                path = f"/v2/shipments/{self._one('shipments', shipment)}"
                return "PUT", path, self._timed(parcel)
            case "delete shipment", (shipment,):
                return "DELETE", f"/v2/shipments/{self._one('shipments', shipment)}", None
            case "update", (update,):
                return "POST", "/v2/carrier_updates", self._update(update)
            case "updates", (updates,):
                return "POST", "/v2/carrier_updates", [self._update(one) for one in updates]
            case "untrackable days", (count,):
                return "PUT", "/v2/account", {"untrackable_days": count}
        raise AssertionError(name)

    def _one(self, kind: str, position: int) -> Any:
        known = self.known[kind]
        return known[position % len(known)] if known else 1

    def _update(self, update: dict[str, Any]) -> dict[str, Any]:
        named = dict(update)
        for name, kind in (("shipment_id", "shipments"), ("retracts", "updates")):
            if name in named:
                named[name] = self._one(kind, named[name])
        return self._timed(named)

    def _timed(self, given: dict[str, Any]) -> dict[str, Any]:
        """Whole days from today for the fields that are times."""
        today = self.api.clock.now // SECOND * SECOND
        return {
            name: format_time(today + value * 86_400 * SECOND)
            if type(value) is int and name in TIMES
            else value
            for name, value in given.items()
        }


TIMES = {"datetime", "promised_delivery_date", "planned_pickup_datetime"}


@contextmanager
def warnings_of_doorstep() -> Iterator[list[str]]:
    """What the log says meanwhile: a group that was rolled back is not seen in any answer."""
    said: list[str] = []

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    heard, log = Heard(logging.WARNING), logging.getLogger("doorstep")
    log.addHandler(heard)
    try:
        yield said
    finally:
        log.removeHandler(heard)


async def faults(api: Api) -> list[str]:
    return [fault async for part in verify(api.services.store.reader) for fault in part.faults]


def check_reads(api: Api) -> None:
    """One order and every listing show the same, whichever filter finds it."""
    orders = api.get("/v2/orders").json()
    late = {order["order_id"] for order in orders if order["delayed"]}
    found = {order["order_id"] for order in api.get("/v2/orders?delayed=true").json()}
    in_time = {order["order_id"] for order in api.get("/v2/orders?delayed=false").json()}
    assert found == late
    assert in_time == {order["order_id"] for order in orders} - late
    for order in orders:
        name, state = order["order_id"], order["state"]
        assert api.get(f"/v2/orders/{name}").json() == order
        assert order in api.get(f"/v2/orders?state={state}").json()
        assert order["states_history"][-1]["state"] == state
        counted = [parcel for parcel in order["shipments"] if parcel["counted"]]
        done = counted and all(parcel["status"] == "delivered" for parcel in counted)
        if state not in ("cancelled", "returned", "refunded"):
            completed = done and order["boarding_complete"] is not False
            assert (state == "completed") == bool(completed)
            assert (state in ("shipped", "completed")) == bool(counted)
        for parcel in order["shipments"]:
            assert parcel in api.get(f"/v2/shipments?status={parcel['status']}").json()
            assert api.get(f"/v2/shipments/{parcel['id']}/events").status_code == 200


@given(steps)
def test_any_sequence_of_requests_leaves_rows_equal_to_events(
    databases: Files | Databases, taken: list[Any]
) -> None:
    api = Api(databases.again())
    try:
        with warnings_of_doorstep() as said:
            run = Run(api)
            for step in taken:
                run.take(step)
                assert api.run(faults(api)) == []
            api.forget_tokens()
            check_reads(api)
            assert api.run(faults(api)) == []
        assert said == []
    finally:
        api.close()
