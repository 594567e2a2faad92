"""Which orders the simulated shop has: the same for the same seed, but for the day it starts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from doorstep.client import ItemFields, NewCarrierUpdate, NewOrder, RecipientFields
from doorstep.demo.catalogue import (
    FIRST_NAMES,
    LAST_NAMES,
    PLACES,
    PRODUCTS,
    STREETS,
    WAREHOUSES,
    Place,
)
from doorstep.demo.journeys import DELIVERED, JOURNEYS, Journey

FIRST_NUMBER = 1001
MOST_ITEMS = 3
HOURS_TO_PACK = 12
HOURS_BETWEEN_UPDATES = 7

DAYS_TO_DELIVER = 4
DAYS_AHEAD = 3
"""How far in the future the promises lie that can still be kept."""


@dataclass(frozen=True)
class Plan:
    """An order to come; `ordered_at` and all that follows from it lie before the start."""

    journey_name: str
    order: NewOrder
    place: Place
    carrier: str
    ordered_at: datetime

    @property
    def journey(self) -> Journey:
        return JOURNEYS[self.journey_name]

    @property
    def order_id(self) -> str:
        return self.order["order_id"]

    def state_at(self, step: int) -> datetime:
        return self.ordered_at + timedelta(hours=1 + 2 * step)

    def tracking_code(self, parcel: int) -> str:
        return f"{self.carrier[:3].upper()}-{self.order_id}-{parcel + 1}"

    def update(self, parcel: int, status: str, at: datetime) -> NewCarrierUpdate:
        is_near = status not in ("info", "pickup", "hub_scan")
        return {
            "tracking_code": self.tracking_code(parcel),
            "status": status,
            "datetime": at,
            "location": self.place.city if is_near else self.place.hub,
        }

    def updates(self) -> list[NewCarrierUpdate]:
        handed_over_at = self.ordered_at + timedelta(hours=HOURS_TO_PACK)
        between = timedelta(hours=HOURS_BETWEEN_UPDATES)
        return [
            self.update(parcel, status, handed_over_at + step * between)
            for parcel, statuses in enumerate(self.journey.parcels)
            for step, status in enumerate(statuses)
        ]


class Planner:
    def __init__(self, seed: int, started_at: datetime) -> None:
        self._random = Random(seed)
        self._started_at = started_at
        self._number = FIRST_NUMBER

    def plans(self, count: int) -> list[Plan]:
        """Each journey once, the rest by how common it is, mixed. `count` covers the journeys."""
        weights = [journey.weight for journey in JOURNEYS.values()]
        more = self._random.choices(list(JOURNEYS), weights, k=count - len(JOURNEYS))
        names = [*JOURNEYS, *more]
        self._random.shuffle(names)
        return [self.plan(name) for name in names]

    def plan(self, journey_name: str) -> Plan:
        """The next order of the shop."""
        journey = JOURNEYS[journey_name]
        place = self._random.choice(PLACES)
        hours = self._random.randrange(24)
        ordered_at = self._started_at - timedelta(days=journey.days_since_order, hours=hours)
        order: NewOrder = {
            "order_id": f"DEMO-{self._number}",
            "order_date": ordered_at,
            "language": place.language,
            "promised_delivery_date": _promise(journey, ordered_at),
            "recipient": self._recipient(place),
            "order_items": self._items(),
        }
        self._number += 1
        return Plan(journey_name, order, place, self._random.choice(place.carriers), ordered_at)

    def _recipient(self, place: Place) -> RecipientFields:
        first_name = self._random.choice(FIRST_NAMES)
        return {
            "first_name": first_name,
            "last_name": self._random.choice(LAST_NAMES),
            "street": f"{self._random.choice(STREETS)} Street",
            "house_no": str(self._random.randrange(1, 90)),
            "city": place.city,
            "zip_code": place.zip_code,
            "country": place.country,
            "email": f"customer-{self._number}@example.com",
        }

    def _items(self) -> list[ItemFields]:
        products = self._random.sample(PRODUCTS, self._random.randint(1, MOST_ITEMS))
        warehouse = self._random.choice(list(WAREHOUSES))
        return [
            {
                "sku": product.sku,
                "name": product.name,
                "sales_price": product.sales_price,
                "currency": "EUR",
                "warehouse": warehouse,
            }
            for product in products
        ]


def _promise(journey: Journey, ordered_at: datetime) -> date:
    if journey.is_late:
        return ordered_at.date()
    has_arrived = journey.parcels == (DELIVERED,)
    days = DAYS_TO_DELIVER if has_arrived else journey.days_since_order + DAYS_AHEAD
    return (ordered_at + timedelta(days=days)).date()
