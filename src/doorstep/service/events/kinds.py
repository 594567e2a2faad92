"""How each type of event becomes its data on the wire: the one table of types."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct
from msgspec.json import Decoder

from doorstep.domain import events as e
from doorstep.domain.states import SHIPMENT_STATUSES
from doorstep.service.events import data as d
from doorstep.service.events.parts import (
    NOT_GIVEN,
    carrier_update,
    logged_item,
    logged_shipment,
)
from doorstep.times import format_milliseconds, format_optional, format_time

OrderNames: TypeAlias = tuple[int, str, str]
"""What each data of an order begins with: its number, the shop's reference, its path."""

TIMES = ("order_date", "promised_delivery_date", "planned_pickup_datetime")
"""Instants among what can change."""


class Kind(NamedTuple):
    """`stored` is what the log holds, `data` what goes out; `write` makes the one of the other."""

    stored: type[Struct]
    data: type[Struct]
    write: Callable[[OrderNames, Any], Struct]

    @property
    def type(self) -> str:
        name: str = self.stored.type  # type: ignore[attr-defined]
        return name


def _created(order: OrderNames, event: e.OrderCreated) -> d.OrderCreatedData:
    return d.OrderCreatedData(
        *order,
        order_date=format_time(event.order_date),
        order_url=event.order_url,
        language=event.language,
        boarding_complete=event.boarding_complete,
        order_tags=event.order_tags,
        promised_delivery_date=format_optional(event.promised_delivery_date),
        recipient_version=event.recipient_version,
        order_items=[logged_item(event.order_id, item) for item in event.items],
    )


def _changes(changes: dict[str, Any]) -> dict[str, Any]:
    """With times as text."""
    return {
        name: format_optional(value) if name in TIMES else value for name, value in changes.items()
    }


def _state_changed(order: OrderNames, event: e.OrderStateChanged) -> d.StateChangedData:
    moment = None if event.datetime is None else format_milliseconds(event.datetime)
    return d.StateChangedData(*order, event.state, moment, event.location, event.withdrawn)


def _paid(order: OrderNames, event: e.OrderPaid) -> d.PaidData:
    moment = format_milliseconds(event.datetime)
    return d.PaidData(*order, moment, event.location, event.afterwards)


def _moved(order: OrderNames, event: Any) -> d.MovedData:
    return d.MovedData(*order, format_milliseconds(event.datetime))


def _reported(order: OrderNames, event: Any) -> d.ReportedData:
    return d.ReportedData(*order, format_milliseconds(event.datetime), event.location)


def _item_changed(order: OrderNames, event: e.ItemChanged) -> d.ItemChangedData:
    changes = d.ItemChanges(**event.changes)
    return d.ItemChangedData(*order, str(event.item_number), event.status, changes)


def _shipment_updated(order: OrderNames, event: e.ShipmentUpdated) -> d.ShipmentUpdatedData:
    changes = _changes(event.changes)
    carrier = {
        part: changes.pop(f"carrier_{part}")
        for part in ("name", "country")
        if f"carrier_{part}" in changes
    }
    if carrier:
        changes["carrier"] = d.CarrierChanges(**carrier)
    if "fields" in changes:
        changes.update({**NOT_GIVEN, **changes.pop("fields")})
    return d.ShipmentUpdatedData(*order, event.shipment_number, d.ShipmentChanges(**changes))


def _status_changed(
    order: OrderNames, event: e.ShipmentStatusChanged
) -> d.ShipmentStatusChangedData:
    label = SHIPMENT_STATUSES[event.status].label
    delivered_at = format_optional(event.delivered_at)
    return d.ShipmentStatusChangedData(
        *order, event.shipment_number, event.status, label, delivered_at
    )


def _delivered(order: OrderNames, event: e.ShipmentDelivered) -> d.ShipmentDeliveredData:
    moment = format_time(event.delivered_at)
    return d.ShipmentDeliveredData(*order, event.shipment_number, moment)


def _update_recorded(
    order: OrderNames, event: e.CarrierUpdateRecorded
) -> d.CarrierUpdateRecordedData:
    update = carrier_update(order[1], event.shipment_number, event.update)
    return d.CarrierUpdateRecordedData(*order, event.shipment_number, update)


def _endpoint_paused(
    order: OrderNames, event: e.WebhookEndpointPaused
) -> d.WebhookEndpointPausedData:
    number, since = event.endpoint_number, format_optional(event.failing_since)
    path = f"/v2/webhook_endpoints/{number}"
    return d.WebhookEndpointPausedData(number, path, event.paused_because, since)


def _nothing_more(order: OrderNames, event: Any) -> d.OrderData:
    return d.OrderData(*order)


_ALL = (
    Kind(e.OrderCreated, d.OrderCreatedData, _created),
    Kind(
        e.OrderUpdated,
        d.OrderUpdatedData,
        lambda order, event: d.OrderUpdatedData(*order, d.OrderChanges(**_changes(event.changes))),
    ),
    Kind(e.OrderStateChanged, d.StateChangedData, _state_changed),
    Kind(e.OrderPaid, d.PaidData, _paid),
    Kind(e.OrderShipped, d.MovedData, _moved),
    Kind(
        e.OrderDelayed,
        d.DelayedData,
        lambda order, event: d.DelayedData(*order, format_time(event.delayed_at)),
    ),
    Kind(e.OrderDelayLifted, d.OrderData, _nothing_more),
    Kind(e.OrderCompleted, d.MovedData, _moved),
    Kind(e.OrderCompletionCorrected, d.MovedData, _moved),
    Kind(e.OrderCancelled, d.ReportedData, _reported),
    Kind(e.OrderReturned, d.ReportedData, _reported),
    Kind(e.OrderRefunded, d.ReportedData, _reported),
    Kind(e.OrderDeleted, d.OrderData, _nothing_more),
    Kind(
        e.ItemAdded,
        d.ItemAddedData,
        lambda order, event: d.ItemAddedData(*order, logged_item(order[1], event.item)),
    ),
    Kind(e.ItemChanged, d.ItemChangedData, _item_changed),
    Kind(
        e.ItemRemoved,
        d.ItemRemovedData,
        lambda order, event: d.ItemRemovedData(*order, str(event.item_number)),
    ),
    Kind(
        e.ShipmentCreated,
        d.ShipmentCreatedData,
        lambda order, event: d.ShipmentCreatedData(*order, logged_shipment(event.shipment)),
    ),
    Kind(e.ShipmentUpdated, d.ShipmentUpdatedData, _shipment_updated),
    Kind(e.ShipmentStatusChanged, d.ShipmentStatusChangedData, _status_changed),
    Kind(e.ShipmentDelivered, d.ShipmentDeliveredData, _delivered),
    Kind(
        e.ShipmentDeleted,
        d.OfShipmentData,
        lambda order, event: d.OfShipmentData(*order, event.shipment_number),
    ),
    Kind(e.CarrierUpdateRecorded, d.CarrierUpdateRecordedData, _update_recorded),
    Kind(e.WebhookEndpointPaused, d.WebhookEndpointPausedData, _endpoint_paused),
)

KINDS: dict[str, Kind] = {kind.type: kind for kind in _ALL}
"""Every type of event by its name on the wire."""

DECODERS: dict[str, Decoder[Any]] = {name: Decoder(kind.stored) for name, kind in KINDS.items()}


def types_named(word: str) -> list[str]:
    """The types that a word stands for: one, or all of a group such as `order.*`."""
    if word.endswith(".*"):
        return [name for name in KINDS if name.startswith(word[:-1])]
    return [word] if word in KINDS else []
