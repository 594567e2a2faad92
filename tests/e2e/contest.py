"""Random requests for a few orders and parcels that all clients fight over."""

import threading
from collections import Counter, defaultdict
from random import Random
from typing import Any, NamedTuple

import httpx

ORDERS = [f"O-{number}" for number in range(50)]
CODES = [f"T-{number}" for number in range(40)]
STATES = ("paid", "in_production", "in_preparation", "cancelled", "returned", "refunded")
UNEVENNESS = 4
REPLAYED = "Idempotent-Replayed"

# So long ago that the parcel gives up its code at once, for another order's parcel to take.
LONG_AGO = "2026-01-02T00:00:00Z"


class Asked(NamedTuple):
    method: str
    path: str
    body: Any = None
    key: str | None = None


class Won:
    """What clients were told that they, and nobody else, have done."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.statuses: Counter[int] = Counter()
        self.created_orders: list[int] = []
        self.created_shipments: list[int] = []
        self.paid: Counter[str] = Counter()
        self.deleted: Counter[str] = Counter()
        self.first_answers: Counter[str] = Counter()
        self.items: dict[str, list[str]] = defaultdict(list)
        self.shipments: list[int] = []

    def note(self, asked: Asked, answer: httpx.Response) -> None:
        with self._lock:
            self.statuses[answer.status_code] += 1
            if not answer.is_success or REPLAYED in answer.headers:
                return
            if asked.key is not None:
                self.first_answers[asked.key] += 1
            if asked.method == "DELETE" and asked.path.startswith("/v2/orders/O-"):
                self.deleted[asked.path] += asked.path.count("/") == 3
            elif asked.method == "POST":
                self._note_new(asked, answer)

    def _note_new(self, asked: Asked, answer: httpx.Response) -> None:
        match asked.path:
            case "/v2/order":
                self.created_orders.append(answer.json()["id"])
            case "/v2/shipments":
                self.created_shipments.append(answer.json()["id"])
                self.shipments.append(answer.json()["id"])
            case "/v2/order_states" if asked.body["state"] == "paid":
                self.paid[asked.body["order_id"]] += 1
            case path if path.endswith("/items"):
                self.items[path].append(answer.json()["id"])


def one_of(names: list[str], chance: Random) -> str:
    """Any of them, the first ones far more often: those are fought over."""
    return names[int(len(names) * chance.random() ** UNEVENNESS)]


def ask(chance: Random, won: Won) -> Asked:
    order, code = one_of(ORDERS, chance), one_of(CODES, chance)
    path = f"/v2/orders/{order}"
    new = {"order_id": order, "order_items": [{"sku": "S"}], "boarding_complete": False}
    parcel = {"tracking_code": code, "carrier": {"name": chance.choice(["dhl", "gls"])}}
    match chance.choices(range(10), [20, 8, 14, 4, 14, 6, 6, 6, 5, 5])[0]:
        case 0:
            return Asked("POST", "/v2/order", new)
        case 1:
            return Asked(
                "POST", "/v2/order_states", {"order_id": order, "state": chance.choice(STATES)}
            )
        case 2:
            key = chance.choice([None, f"{order} {code} {parcel['carrier']['name']}"])
            return Asked("POST", "/v2/shipments", {"order_id": order, **parcel}, key)
        case 3:
            return Asked("POST", "/v2/shipments", {"order": new, **parcel})
        case 4:
            updates = [update(chance) for _ in range(chance.randint(2, 6))]
            return Asked("POST", "/v2/carrier_updates", chance.choice([updates, updates[0]]))
        case 5:
            return Asked("PUT", path, {"boarding_complete": chance.choice([True, False])})
        case 6:
            return Asked("POST", f"{path}/items", {"sku": "S", "external_id": f"E-{code}"})
        case 7:
            return change_of_item(chance, won, path)
        case 8:
            return change_of_shipment(chance, won, code)
        case _:
            return Asked("DELETE", path)


def update(chance: Random) -> dict[str, str]:
    status = chance.choice(["info", "hub_scan", "delivered", "delivered"])
    return {"tracking_code": one_of(CODES, chance), "status": status, "datetime": LONG_AGO}


def change_of_item(chance: Random, won: Won, path: str) -> Asked:
    known = won.items.get(f"{path}/items")
    if not known:
        return Asked("GET", path)
    item = f"{path}/items/{chance.choice(known)}"
    if chance.random() < 0.5:
        return Asked("DELETE", item)
    return Asked("PUT", item, {"status": chance.choice(["in_preparation", "refunded"])})


def change_of_shipment(chance: Random, won: Won, code: str) -> Asked:
    if not won.shipments:
        return Asked("GET", "/v2/shipments")
    shipment = f"/v2/shipments/{chance.choice(won.shipments[-50:])}"
    if chance.random() < 0.5:
        return Asked("DELETE", shipment)
    return Asked("PUT", shipment, {"tracking_code": code})
