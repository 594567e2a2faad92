"""The life of one order, command by command: what the tests of the domain are told with."""

from itertools import count
from typing import Any

import msgspec

from doorstep.domain import commands as c
from doorstep.domain.decide import Decision, decide
from doorstep.domain.decide.shipments import names_of
from doorstep.domain.events import EVENT_TYPES, Event, occurred_at
from doorstep.domain.evolve import evolve
from doorstep.domain.order import DAY, SECOND, Instant, Order, Shipment
from doorstep.domain.refusals import Refusal
from doorstep.domain.shipment_status import final_since

START: Instant = 1_705_314_600 * SECOND
"""2024-01-15T10:30:00Z, when every order in these tests is created."""

MINUTE: Instant = 60 * SECOND
HOUR: Instant = 60 * MINUTE

ORDER_NUMBER = 100_000_000_000_000
ORDER_ID = "ORD-2024-001234"

ITEM_FIELDS = {"sku": "TSHIRT-BLU-M", "quantity": 2, "weight": 180, "item_value": 29.99}


def at(minutes: float) -> Instant:
    """So many minutes after the creation of the order."""
    return START + round(minutes * MINUTE)


class Life:
    """An order with its log. Each command comes a minute after the one before, or `at` its time.

    `order` is the one there is now, `log` all events with the moment of their recording.
    """

    def __init__(self, untrackable_days: int | None = None) -> None:
        self.untrackable_days = untrackable_days
        self.present: Order | None = None
        self.now = START - MINUTE
        self.log: list[tuple[Event, Instant]] = []
        self.numbers = count(ORDER_NUMBER + 1)

    @property
    def order(self) -> Order:
        assert self.present is not None
        return self.present

    def try_(self, command: c.Command, at: Instant | None = None) -> Decision | Refusal:
        """Decides, and takes over what was decided."""
        now = self.now + MINUTE if at is None else at
        assert now >= self.now, "The clock does not go back."
        self.now = now
        before = msgspec.json.encode(self.present)
        decision = decide(self.present, command, now, self.untrackable_days)
        assert msgspec.json.encode(self.present) == before, "decide changed the order in place."
        if isinstance(decision, Decision):
            self.present = decision.order
            self.log += [(event, now) for event in decision.events]
        return decision

    def do(self, command: c.Command, at: Instant | None = None) -> Decision:
        decision = self.try_(command, at)
        assert isinstance(decision, Decision), decision
        return decision

    def refused(self, command: c.Command, at: Instant | None = None) -> Refusal:
        refusal = self.try_(command, at)
        assert isinstance(refusal, Refusal), refusal
        return refusal

    # What one can ask of an order, in short.

    def create(self, at: Instant | None = None, **given: Any) -> Decision:
        recipient = given.pop("recipient", None)
        return self.do(self.creation(given, recipient), at)

    def creation(
        self, given: dict[str, Any], recipient: dict[str, Any] | None = None
    ) -> c.CreateOrder:
        return c.CreateOrder(
            order_id=ORDER_ID,
            given=given,
            recipient=recipient,
            order_number=ORDER_NUMBER,
            item_numbers=tuple(next(self.numbers) for _ in given.get("order_items", ())),
            tracking_token="a-token-that-cannot-be-guessed",
            request_hash=repr((sorted(given.items()), bool(recipient))),
        )

    def put(self, at: Instant | None = None, **changes: Any) -> Decision:
        return self.do(c.UpdateOrder(changes), at)

    def report(
        self, state: str, datetime: Instant | None = None, at: Instant | None = None
    ) -> Decision:
        return self.do(c.ReportState(state, datetime), at)

    def add_item(self, at: Instant | None = None, **fields: Any) -> int:
        command = c.AddItem(next(self.numbers), fields or ITEM_FIELDS, most_items=1000)
        number: int = self.do(command, at).subject
        return number

    def set_item(self, item_number: int, status: str, at: Instant | None = None) -> Decision:
        return self.do(c.ChangeItem(item_number, {}, status), at)

    def ship(self, tracking_code: str | None = "00340", /, **given: Any) -> int:
        """A parcel by DHL; its shipment's number."""
        at = given.pop("at", None)
        number: int = self.do(self.parcel(tracking_code, **given), at).subject
        return number

    def parcel(
        self,
        tracking_code: str | None = "00340",
        /,
        recipient: dict[str, Any] | None = None,
        holders: c.Holders | None = None,
        **given: Any,
    ) -> c.AddShipment:
        named = {"carrier_name": "dhl", **given}
        if tracking_code is not None:
            named["tracking_code"] = tracking_code
        return c.AddShipment(next(self.numbers), named, recipient, holders or self.holders(), 500)

    def put_shipment(self, shipment_number: int, /, **changes: Any) -> Decision:
        at = changes.pop("at", None)
        return self.do(self.shipment_change(shipment_number, **changes), at)

    def shipment_change(
        self,
        shipment_number: int,
        /,
        recipient: dict[str, Any] | None = None,
        holders: c.Holders | None = None,
        **changes: Any,
    ) -> c.UpdateShipment:
        return c.UpdateShipment(
            shipment_number, changes, recipient or {}, holders or self.holders()
        )

    def remove_shipment(self, shipment_number: int, at: Instant | None = None) -> Decision:
        return self.do(c.RemoveShipment(shipment_number), at)

    def scan(
        self,
        shipment_number: int,
        status: str | None,
        datetime: Instant | None = None,
        at: Instant | None = None,
        **said: Any,
    ) -> int:
        """A carrier's update, of this very minute if it has no datetime; its number."""
        now = self.now + MINUTE if at is None else at
        when = now if datetime is None else datetime
        number: int = self.do(self.update(shipment_number, status, when, **said), now).subject
        return number

    def update(
        self, shipment_number: int, status: str | None, datetime: Instant, **said: Any
    ) -> c.RecordCarrierUpdate:
        blank: dict[str, Any] = {"utc_offset": None, "location": None, "description": None}
        blank |= {"retracts": None, "most_updates": 2000}
        return c.RecordCarrierUpdate(
            shipment_number, next(self.numbers), status, datetime, **{**blank, **said}
        )

    def deliver(
        self, shipment_number: int, datetime: Instant | None = None, at: Instant | None = None
    ) -> int:
        return self.scan(shipment_number, "delivered", datetime, at)

    def wait(self, until: Instant) -> Decision:
        """The background watch passes by."""
        return self.do(c.BringUpToDate(), until)

    # What there is to be seen.

    def parcel_of(self, shipment_number: int) -> Shipment:
        parcel = self.order.shipment(shipment_number)
        assert parcel is not None
        return parcel

    def holders(self) -> dict[c.ParcelName, c.Holder]:
        """The names of this order's own parcels, as the store would give them."""
        parcels = self.present.shipments if self.present else ()
        return {
            name: c.Holder(ORDER_NUMBER, ORDER_ID, parcel.shipment_number, final_since(parcel))
            for parcel in parcels
            for name in names_of(parcel)
        }

    @property
    def states(self) -> list[str]:
        return [line.state for line in self.order.history]

    @property
    def events(self) -> list[str]:
        return [event.type for event, _ in self.log]

    @property
    def dated_events(self) -> list[tuple[str, Instant]]:
        return [(event.type, occurred_at(event, recorded)) for event, recorded in self.log]

    @property
    def datetimes(self) -> dict[str, Instant]:
        return {line.state: line.datetime for line in self.order.history}


def replayed(log: list[tuple[Event, Instant]]) -> Order | None:
    """The order that the log makes, its events written as JSON and read again."""
    order: Order | None = None
    for event, recorded_at in log:
        kind = EVENT_TYPES[event.type]
        again = msgspec.json.decode(msgspec.json.encode(event), type=kind)
        order = evolve(order, again, recorded_at)
    return order


def an_order(**given: Any) -> Life:
    life = Life()
    life.create(**given)
    return life


def an_order_in(state: str, items: int = 0) -> Life:
    """An order that got to `state` by what shops and carriers really do.

    Items are there from the start, and are not refunded unless the state asks for it.
    """
    life = an_order(order_items=[ITEM_FIELDS] * items) if items else an_order()
    if state in ("paid", "in_production", "warehouse_handover", "in_preparation", "cancelled"):
        life.report(state)
    elif state in ("shipped", "completed", "returned"):
        number = life.ship()
        if state == "completed":
            life.deliver(number)
        elif state == "returned":
            life.report("returned")
    elif state == "refunded":
        if not items:
            life.ship()
            life.report("refunded")
        for item in life.order.items:
            life.set_item(item.item_number, "refunded")
    assert life.order.state == state
    return life


__all__ = ["DAY", "HOUR", "MINUTE", "START", "Life", "an_order", "an_order_in", "at", "replayed"]
