"""Mixed writes from several clients, and a ledger of what each of them was promised.

Every client has orders of its own, so that it knows what they must look like after each write.
"""

from collections.abc import Callable, Generator
from itertools import count
from random import Random
from typing import Any, NamedTuple, TypeAlias

import httpx

from tests.e2e.signed_in import signed_in, stored_order

Order: TypeAlias = dict[str, Any]


class Outline(NamedTuple):
    """What a write changes of an order; two orders that differ in part of it differ here."""

    history: tuple[str, ...]
    items: tuple[str, ...]
    parcels: tuple[str, ...]
    boarding_complete: bool


GONE = None


def outline(order: Order | None) -> Outline | None:
    if order is None:
        return GONE
    return Outline(
        tuple(entry["state"] for entry in order["states_history"]),
        tuple(item["status"] for item in order["order_items"]),
        tuple(parcel["status"] for parcel in order["shipments"]),
        order["boarding_complete"],
    )


class Step(NamedTuple):
    """A write, and the order's outlines that it may leave if it is cut off; the last one is whole.

    Only an array of updates has several: each of its entries is a write of its own.
    """

    method: str
    path: str
    body: Any
    outlines: tuple[Outline | None, ...]
    key: str | None = None

    def send(self, http: httpx.Client) -> httpx.Response:
        headers = {} if self.key is None else {"Idempotency-Key": self.key}
        return http.request(self.method, self.path, json=self.body, headers=headers)


Life: TypeAlias = Generator[Step, Order, None]


def life(name: str, round_name: str, chance: Random) -> Life:
    """An order's writes; each is sent the order as the write before left it."""
    items = [{"sku": f"S-{n}", "external_id": f"E-{n}"} for n in range(chance.randint(1, 5))]
    new = {
        "order_id": name,
        "order_items": items,
        "boarding_complete": False,
        "order_tags": {"round": round_name},
        "recipient": {"last_name": "Müller", "city": "Wien"},
    }
    there = Outline(("new",), ("new",) * len(items), (), False)
    if chance.random() < 0.7:
        key = chance.choice([None, f"create {name}"])
        order = yield Step("POST", "/v2/order", new, (there,), key)
        there = yield from _prepared(name, order, there, chance)
    yield from _sent(name, new, there)
    if chance.random() < 0.3:
        yield Step("DELETE", f"/v2/orders/{name}", None, (GONE,))


def _prepared(
    name: str, order: Order, there: Outline, chance: Random
) -> Generator[Step, Order, Outline]:
    path = f"/v2/orders/{name}"
    there = there._replace(history=("new", "paid"))
    paid = {"order_id": name, "state": "paid", "datetime": "2026-01-01T00:00:00Z"}
    yield Step("POST", "/v2/order_states", paid, (there,), chance.choice([None, f"pay {name}"]))
    there = there._replace(items=(*there.items, "new"))
    yield Step("POST", f"{path}/items", {"name": "gift"}, (there,), key=f"gift {name}")
    first = order["order_items"][0]["id"]
    there = there._replace(items=("in_preparation", *there.items[1:]))
    yield Step("PUT", f"{path}/items/{first}", {"status": "in_preparation"}, (there,))
    there = there._replace(items=there.items[1:])
    yield Step("DELETE", f"{path}/items/{first}", None, (there,))
    return there


def _sent(name: str, new: dict[str, Any], there: Outline) -> Generator[Step, Order, None]:
    """Two parcels, the first of which makes the order if there is none; both arrive."""
    for number in (1, 2):
        parcel = {"order": new, "tracking_code": f"{name}-{number}", "carrier": {"name": "dhl"}}
        history = there.history if number == 2 else (*there.history, "shipped")
        there = there._replace(history=history, parcels=(*there.parcels, "new"))
        yield Step("POST", "/v2/shipments", parcel, (there,))
    there = there._replace(boarding_complete=True)
    yield Step("PUT", f"/v2/orders/{name}", {"boarding_complete": True}, (there,))
    there = there._replace(parcels=("hub_scan", "new"))
    yield Step("POST", "/v2/carrier_updates", _update(name, 1, "hub_scan"), (there,))
    one = there._replace(parcels=("delivered", "new"))
    both = Outline((*there.history, "completed"), there.items, ("delivered", "delivered"), True)
    arrived = [_update(name, number, "delivered") for number in (1, 2)]
    outlines = (there, one, there._replace(parcels=("hub_scan", "delivered")), both)
    yield Step("POST", "/v2/carrier_updates", arrived, outlines, key=f"arrive {name}")


def _update(name: str, number: int, status: str) -> dict[str, str]:
    moment = "2026-01-02T00:00:00Z"
    return {"tracking_code": f"{name}-{number}", "status": status, "datetime": moment}


class Doubt(NamedTuple):
    """A write whose whole effect was not seen; `answer` if it was at least acknowledged."""

    name: str
    step: Step
    answer: httpx.Response | None = None


class Ledger:
    """What one client knows: its orders as they were last shown to it, and its open write."""

    def __init__(self) -> None:
        self.orders: dict[str, Order | None] = {}
        self.doubt: Doubt | None = None


def run_client(
    url: str, access_key: str, client: str, round_name: str, acknowledged: Callable[[], None]
) -> Ledger:
    """Writes order after order until the server is gone."""
    ledger, chance = Ledger(), Random(client)
    try:
        with signed_in(url, access_key) as http:
            for number in count():
                _live(http, ledger, f"{client}-{number}", round_name, chance, acknowledged)
    except httpx.TransportError:
        return ledger
    raise AssertionError("orders never end")


def _live(
    http: httpx.Client,
    ledger: Ledger,
    name: str,
    round_name: str,
    chance: Random,
    acknowledged: Callable[[], None],
) -> None:
    writing = life(name, round_name, chance)
    step = next(writing, None)
    while step is not None:
        ledger.doubt = Doubt(name, step)
        answer = step.send(http)
        assert answer.is_success, (step, answer.status_code, answer.text)
        ledger.doubt = Doubt(name, step, answer)
        acknowledged()
        order = ledger.orders[name] = stored_order(http, name)
        assert outline(order) == step.outlines[-1], (step, order)
        ledger.doubt = None
        try:
            step = writing.send(order)  # type: ignore[arg-type]
        except StopIteration:
            step = None
