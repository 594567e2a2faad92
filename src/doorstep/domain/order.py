"""An order and what belongs to it, as it is at one moment.

Nothing here is changed in place: `evolve` makes the next order from the one before.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from doorstep.domain.states import COMPLETED, DELIVERED, FIRST_SCAN_PHASE, SHIPMENT_STATUSES

Instant: TypeAlias = int
"""Whole microseconds since 1970-01-01T00:00:00Z."""

MILLISECOND: Instant = 1_000
SECOND: Instant = 1_000_000
HOUR: Instant = 3_600 * SECOND
DAY: Instant = 24 * HOUR

Fields: TypeAlias = Mapping[str, Any]
"""Given fields by their wire name; what was not given is not there."""

NUMBER_DIGITS = 15
"""Internal numbers have as many digits, so that they do not meet the shops' numbering."""


def same_moment(given: Any, stored: Any) -> bool:
    """Whether a given moment is the stored one, be it cut to the millisecond as answers show it."""
    return given == stored or (stored is not None and given == stored - stored % MILLISECOND)


def internal_number(name: str) -> int | None:
    """The internal number that a path segment may stand for."""
    if len(name) == NUMBER_DIGITS and name.isascii() and name.isdecimal():
        return int(name)
    return None


class StateEntry(Struct, frozen=True):
    """One line of `states_history`; `entry` counts from 1 in order of transition."""

    entry: int
    state: str
    datetime: Instant
    location: str | None


class Item(Struct, frozen=True):
    """An order item: `fields` echoes what the shop gave, `status` is kept beside it."""

    item_number: int
    status: str
    fields: Fields


class CarrierUpdate(Struct, frozen=True):
    """What a carrier said of a parcel; `utc_offset` in minutes as given, None when it gave none."""

    update_number: int
    status: str | None
    datetime: Instant
    utc_offset: int | None
    location: str | None
    description: str | None
    retracts: int | None
    recorded_at: Instant

    def same_as(self, other: "CarrierUpdate") -> bool:
        """Whether both say the same thing: an update's identity (API, section 8)."""
        return (
            self.datetime == other.datetime
            and self.status == other.status
            and self.location == other.location
            and self.description == other.description
            and self.retracts == other.retracts
        )


class Shipment(Struct, frozen=True):
    """A parcel. `counted` is False once the shop took it out; see `Order.counted_shipments`.

    `fields` holds the given fields that have no attribute of their own, none of them personal:
    personal ones are in the order's `recipients` under `recipient_version`.
    """

    shipment_number: int
    tracking_code: str | None
    reference_number: str | None
    carrier_name: str | None
    carrier_country: str | None
    return_parcel: bool
    counted: bool
    trackable: bool
    planned_pickup_datetime: Instant | None
    fields: Fields
    recipient_version: int | None
    created_at: Instant
    status: str = "new"
    delivered_at: Instant | None = None
    updates: tuple[CarrierUpdate, ...] = ()

    @property
    def scanned(self) -> bool:
        """Whether the carrier has had it in hand: from then on its label is fixed."""
        return SHIPMENT_STATUSES[self.status].phase >= FIRST_SCAN_PHASE

    @property
    def delivered(self) -> bool:
        return self.status == DELIVERED


class Order(Struct, frozen=True):
    """An order with its history, items and shipments, each in order of creation.

    `recipients` holds the personal data by version; it stands beside the events, which name
    versions only, so that a forgotten person leaves the history whole.
    """

    order_number: int
    order_id: str
    state: str
    order_date: Instant
    order_url: str | None
    language: str | None
    boarding_complete: bool | None
    order_tags: Mapping[str, str]
    promised_delivery_date: Instant | None
    recipient_version: int | None
    tracking_token: str
    request_hash: str
    created_at: Instant
    updated_at: Instant
    delayed_at: Instant | None = None
    paid_at: Instant | None = None
    history: tuple[StateEntry, ...] = ()
    items: tuple[Item, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    recipients: Mapping[int, Fields] = {}

    @property
    def counted_shipments(self) -> tuple[Shipment, ...]:
        """The parcels that the state follows.

        The outbound ones; while the order has none, its return parcels (some shops mark every
        parcel as a return). What the shop took out is never among them.
        """
        outbound = tuple(parcel for parcel in self.shipments if not parcel.return_parcel)
        return tuple(parcel for parcel in outbound or self.shipments if parcel.counted)

    @property
    def completed_at(self) -> Instant | None:
        """The `completed` entry's moment, whatever came after it."""
        return next((line.datetime for line in self.history if line.state == COMPLETED), None)

    def item(self, item_number: int) -> Item | None:
        return next((item for item in self.items if item.item_number == item_number), None)

    def shipment(self, shipment_number: int) -> Shipment | None:
        return next(
            (parcel for parcel in self.shipments if parcel.shipment_number == shipment_number), None
        )

    def recipient(self, version: int | None) -> Fields | None:
        """The personal data of a version, None when there is none or it was erased."""
        return None if version is None else self.recipients.get(version)
