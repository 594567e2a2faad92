"""What can happen to an order: immutable facts, in the past tense, without personal data.

`type` is the event's name on the wire; `occurs` names the field that says when it happened,
where that is not the moment at which it was recorded.
"""

from typing import Any, ClassVar, TypeAlias

from msgspec import Struct

from doorstep.domain.order import CarrierUpdate, Instant, Item, Shipment


class OrderCreated(Struct, frozen=True):
    type: ClassVar[str] = "order.created"
    occurs: ClassVar[str | None] = None
    order_number: int
    order_id: str
    order_date: Instant
    order_url: str | None
    language: str | None
    boarding_complete: bool | None
    order_tags: dict[str, str]
    promised_delivery_date: Instant | None
    recipient_version: int | None
    tracking_token: str
    request_hash: str
    items: tuple[Item, ...]


class OrderUpdated(Struct, frozen=True):
    """`changes` by the order's attribute; None clears."""

    type: ClassVar[str] = "order.updated"
    occurs: ClassVar[str | None] = None
    changes: dict[str, Any]


class OrderStateChanged(Struct, frozen=True):
    """A move that has no event of its own.

    `datetime` is None where no entry is added: the order went back, and `withdrawn` names the
    states whose entries leave the history.
    """

    type: ClassVar[str] = "order.state_changed"
    occurs: ClassVar[str | None] = "datetime"
    state: str
    datetime: Instant | None
    location: str | None = None
    withdrawn: tuple[str, ...] = ()


class OrderPaid(Struct, frozen=True):
    """Paid; `afterwards` where the order had already left (purchase on invoice): no entry then."""

    type: ClassVar[str] = "order.paid"
    occurs: ClassVar[str | None] = "datetime"
    datetime: Instant
    location: str | None
    afterwards: bool


class OrderShipped(Struct, frozen=True):
    type: ClassVar[str] = "order.shipped"
    occurs: ClassVar[str | None] = "datetime"
    datetime: Instant


class OrderDelayed(Struct, frozen=True):
    """`delayed_at` is the promised moment, not the one at which it was noticed."""

    type: ClassVar[str] = "order.delayed"
    occurs: ClassVar[str | None] = "delayed_at"
    delayed_at: Instant


class OrderDelayLifted(Struct, frozen=True):
    type: ClassVar[str] = "order.delay_lifted"
    occurs: ClassVar[str | None] = None


class OrderCompleted(Struct, frozen=True):
    """`datetime` is the last counted delivery."""

    type: ClassVar[str] = "order.completed"
    occurs: ClassVar[str | None] = "datetime"
    datetime: Instant


class OrderCompletionCorrected(Struct, frozen=True):
    """A late report moved the last counted delivery to `datetime`."""

    type: ClassVar[str] = "order.completion_corrected"
    occurs: ClassVar[str | None] = None
    datetime: Instant


class OrderCancelled(Struct, frozen=True):
    type: ClassVar[str] = "order.cancelled"
    occurs: ClassVar[str | None] = "datetime"
    datetime: Instant
    location: str | None = None


class OrderReturned(Struct, frozen=True):
    type: ClassVar[str] = "order.returned"
    occurs: ClassVar[str | None] = "datetime"
    datetime: Instant
    location: str | None = None


class OrderRefunded(Struct, frozen=True):
    type: ClassVar[str] = "order.refunded"
    occurs: ClassVar[str | None] = "datetime"
    datetime: Instant
    location: str | None = None


class OrderDeleted(Struct, frozen=True):
    type: ClassVar[str] = "order.deleted"
    occurs: ClassVar[str | None] = None


class ItemAdded(Struct, frozen=True):
    type: ClassVar[str] = "item.added"
    occurs: ClassVar[str | None] = None
    item: Item


class ItemChanged(Struct, frozen=True):
    """`changes` by field; None takes the field away. `status` is the one after the change."""

    type: ClassVar[str] = "item.changed"
    occurs: ClassVar[str | None] = None
    item_number: int
    status: str
    changes: dict[str, Any]


class ItemRemoved(Struct, frozen=True):
    type: ClassVar[str] = "item.removed"
    occurs: ClassVar[str | None] = None
    item_number: int


class ShipmentCreated(Struct, frozen=True):
    type: ClassVar[str] = "shipment.created"
    occurs: ClassVar[str | None] = None
    shipment: Shipment


class ShipmentUpdated(Struct, frozen=True):
    """`changes` by the shipment's attribute; `fields` among them is whole."""

    type: ClassVar[str] = "shipment.updated"
    occurs: ClassVar[str | None] = None
    shipment_number: int
    changes: dict[str, Any]


class ShipmentStatusChanged(Struct, frozen=True):
    type: ClassVar[str] = "shipment.status_changed"
    occurs: ClassVar[str | None] = "delivered_at"
    shipment_number: int
    status: str
    delivered_at: Instant | None


class ShipmentDelivered(Struct, frozen=True):
    """Delivered, or delivered at another moment than was known before."""

    type: ClassVar[str] = "shipment.delivered"
    occurs: ClassVar[str | None] = "delivered_at"
    shipment_number: int
    delivered_at: Instant


class ShipmentDeleted(Struct, frozen=True):
    type: ClassVar[str] = "shipment.deleted"
    occurs: ClassVar[str | None] = None
    shipment_number: int


class CarrierUpdateRecorded(Struct, frozen=True):
    type: ClassVar[str] = "carrier_update.recorded"
    occurs: ClassVar[str | None] = "datetime"
    shipment_number: int
    update: CarrierUpdate

    @property
    def datetime(self) -> Instant:
        return self.update.datetime


class WebhookEndpointPaused(Struct, frozen=True):
    """Of an account, not of an order. `paused_because`: `failing` (since then) or `gone`."""

    type: ClassVar[str] = "webhook_endpoint.paused"
    occurs: ClassVar[str | None] = None
    endpoint_number: int
    paused_because: str
    failing_since: Instant | None


Event: TypeAlias = (
    OrderCreated
    | OrderUpdated
    | OrderStateChanged
    | OrderPaid
    | OrderShipped
    | OrderDelayed
    | OrderDelayLifted
    | OrderCompleted
    | OrderCompletionCorrected
    | OrderCancelled
    | OrderReturned
    | OrderRefunded
    | OrderDeleted
    | ItemAdded
    | ItemChanged
    | ItemRemoved
    | ShipmentCreated
    | ShipmentUpdated
    | ShipmentStatusChanged
    | ShipmentDelivered
    | ShipmentDeleted
    | CarrierUpdateRecorded
)

AccountEvent: TypeAlias = WebhookEndpointPaused
"""What can happen to an account itself; no order evolves by it."""

EVENT_TYPES: dict[str, type[Event]] = {kind.type: kind for kind in Event.__args__}
"""The class of each event by its name on the wire."""


def occurred_at(event: Event | AccountEvent, recorded_at: Instant) -> Instant:
    """When it became true, which may be long before (or, up to a day, after) it was recorded."""
    moment: Instant | None = getattr(event, event.occurs) if event.occurs else None
    return recorded_at if moment is None else moment
