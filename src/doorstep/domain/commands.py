"""What may be asked of an order. Numbers and secrets are drawn before: deciding stays pure."""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import UNSET, Struct, UnsetType

from doorstep.domain.order import Fields, Instant


class CreateOrder(Struct, frozen=True):
    """`given` holds the given fields by wire name (times as instants), personal ones apart.

    `item_numbers` has one number for each entry of `given["order_items"]`.
    """

    order_id: str
    given: Fields
    recipient: Fields | None
    order_number: int
    item_numbers: tuple[int, ...]
    tracking_token: str
    request_hash: str


class UpdateOrder(Struct, frozen=True):
    """`changes` by wire name, None clears; `recipient` is replaced whole, None clears."""

    changes: Fields
    recipient: Fields | UnsetType | None = UNSET


class DeleteOrder(Struct, frozen=True):
    pass


class AddItem(Struct, frozen=True):
    item_number: int
    fields: Fields
    most_items: int


class ChangeItem(Struct, frozen=True):
    """`changes` by wire name, None clears; `status` None leaves it."""

    item_number: int
    changes: Fields
    status: str | None = None


class RemoveItem(Struct, frozen=True):
    item_number: int


class ReportState(Struct, frozen=True):
    """A shop's report; without `datetime` it speaks of now."""

    state: str
    datetime: Instant | None = None
    location: str | None = None


class ParcelName(Struct, frozen=True, order=True):
    """What a parcel is found by. `carrier` is the carrier's key, empty when none was given."""

    kind: str
    carrier: str
    name: str


class Holder(Struct, frozen=True):
    """The parcel that bears a name now; `final_at` is None while it is on its way."""

    order_number: int
    order_id: str
    shipment_number: int
    final_at: Instant | None


Holders: TypeAlias = Mapping[ParcelName, Holder]


class AddShipment(Struct, frozen=True):
    """`given` by the shipment's attribute or field; `holders`: who bears its names so far."""

    shipment_number: int
    given: Fields
    recipient: Fields | None
    holders: Holders
    most_shipments: int


class UpdateShipment(Struct, frozen=True):
    """`changes` by attribute or field, `recipient` by personal field; None clears."""

    shipment_number: int
    changes: Fields
    recipient: Fields
    holders: Holders


class RemoveShipment(Struct, frozen=True):
    shipment_number: int


class RecordCarrierUpdate(Struct, frozen=True):
    """`most_updates`: how many all the parcels of an order may have together."""

    shipment_number: int
    update_number: int
    status: str | None
    datetime: Instant
    utc_offset: int | None
    location: str | None
    description: str | None
    retracts: int | None
    most_updates: int


class BringUpToDate(Struct, frozen=True):
    """Time has passed; every other command does this first."""


Command: TypeAlias = (
    CreateOrder
    | UpdateOrder
    | DeleteOrder
    | AddItem
    | ChangeItem
    | RemoveItem
    | ReportState
    | AddShipment
    | UpdateShipment
    | RemoveShipment
    | RecordCarrierUpdate
    | BringUpToDate
)
