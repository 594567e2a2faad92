"""The `data` of each type of event, in the API's own words.

Each begins with the order: its internal number, the shop's reference, its path. Of `changes` there
is what changed: null where it was cleared.
"""

from msgspec import UNSET, Struct, UnsetType

from doorstep.service.events.parts import (
    CarrierUpdateAnswer,
    LoggedItem,
    LoggedShipment,
    ShipmentFields,
    Time,
)


class OrderData(Struct, frozen=True):
    """Of events that say all by their type."""

    id: int
    order_id: str
    iri: str


class OrderCreatedData(OrderData, frozen=True):
    order_date: Time
    order_url: str | None
    language: str | None
    boarding_complete: bool | None
    order_tags: dict[str, str]
    promised_delivery_date: Time | None
    recipient_version: int | None
    order_items: list[LoggedItem]


class OrderChanges(Struct, frozen=True):
    """`order_tags` is whole; another `recipient_version` means other personal data."""

    order_date: Time | UnsetType = UNSET
    order_url: str | UnsetType | None = UNSET
    language: str | UnsetType | None = UNSET
    boarding_complete: bool | UnsetType | None = UNSET
    order_tags: dict[str, str] | UnsetType = UNSET
    promised_delivery_date: Time | UnsetType | None = UNSET
    recipient_version: int | UnsetType | None = UNSET


class OrderUpdatedData(OrderData, frozen=True):
    changes: OrderChanges


class StateChangedData(OrderData, frozen=True):
    """`withdrawn` names the states whose entries leave the history; `datetime` is null then."""

    state: str
    datetime: Time | None
    location: str | None
    withdrawn: tuple[str, ...]


class PaidData(OrderData, frozen=True):
    """`afterwards` where the order had left before: its state stays as it is."""

    datetime: Time
    location: str | None
    afterwards: bool


class MovedData(OrderData, frozen=True):
    """The order reached the state of the event's name; `datetime` is that of its entry."""

    datetime: Time


class ReportedData(MovedData, frozen=True):
    location: str | None


class DelayedData(OrderData, frozen=True):
    """`delayed_at` is the promised moment."""

    delayed_at: Time


class ItemAddedData(OrderData, frozen=True):
    item: LoggedItem


class ItemChanges(Struct, frozen=True):
    appearance: str | UnsetType | None = UNSET
    bundle_item: str | UnsetType | None = UNSET
    currency: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    name: str | UnsetType | None = UNSET
    returnable: bool | UnsetType | None = UNSET
    sales_price: int | float | UnsetType | None = UNSET
    shipment_id: str | UnsetType | None = UNSET
    shop_product_url: str | UnsetType | None = UNSET
    size: str | UnsetType | None = UNSET
    sku: str | UnsetType | None = UNSET
    warehouse: str | UnsetType | None = UNSET
    weight: int | float | UnsetType | None = UNSET
    external_id: str | UnsetType | None = UNSET
    hs_code: str | UnsetType | None = UNSET
    image_url: str | UnsetType | None = UNSET
    item_value: int | float | UnsetType | None = UNSET
    origin_country: str | UnsetType | None = UNSET
    quantity: int | float | UnsetType | None = UNSET


class ItemChangedData(OrderData, frozen=True):
    """`status` is the one after the change."""

    item_id: str
    status: str
    changes: ItemChanges


class ItemRemovedData(OrderData, frozen=True):
    item_id: str


class ShipmentCreatedData(OrderData, frozen=True):
    shipment: LoggedShipment


class CarrierChanges(Struct, frozen=True):
    name: str | UnsetType | None = UNSET
    country: str | UnsetType | None = UNSET


class ShipmentChanges(ShipmentFields, frozen=True):
    """Of the fields that doorstep only keeps either all are there or none."""

    tracking_code: str | UnsetType | None = UNSET
    reference_number: str | UnsetType | None = UNSET
    carrier: CarrierChanges | UnsetType = UNSET
    counted: bool | UnsetType = UNSET
    return_parcel: bool | UnsetType = UNSET
    trackable: bool | UnsetType = UNSET
    planned_pickup_datetime: Time | UnsetType | None = UNSET
    recipient_version: int | UnsetType | None = UNSET


class OfShipmentData(OrderData, frozen=True):
    shipment_id: int


class ShipmentUpdatedData(OfShipmentData, frozen=True):
    changes: ShipmentChanges


class ShipmentStatusChangedData(OfShipmentData, frozen=True):
    status: str
    status_label: str
    delivered_at: Time | None


class ShipmentDeliveredData(OfShipmentData, frozen=True):
    """Delivered, or at another moment than was known before."""

    delivered_at: Time


class CarrierUpdateRecordedData(OfShipmentData, frozen=True):
    carrier_update: CarrierUpdateAnswer


class WebhookEndpointPausedData(Struct, frozen=True):
    """Of the account: it is sent nothing more until it is resumed.

    `paused_because` is `failing` (it has failed for a day, `failing_since` then) or `gone`.
    """

    id: int
    iri: str
    paused_because: str
    failing_since: Time | None
