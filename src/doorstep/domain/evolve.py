"""An order and an event make the next order. Never refuses: what happened, happened."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import asdict, replace

from doorstep.domain import events as e
from doorstep.domain.order import Instant, Item, Order, Shipment, StateEntry
from doorstep.domain.states import CANCELLED, COMPLETED, NEW, PAID, REFUNDED, RETURNED, SHIPPED


def evolve(order: Order | None, event: e.Event, recorded_at: Instant) -> Order | None:
    """The order after the event; None before its creation and after its deletion."""
    if isinstance(event, e.OrderCreated):
        return _created(event, recorded_at)
    if isinstance(event, e.OrderDeleted) or order is None:
        return None
    return replace(order, updated_at=recorded_at, **_STEPS[type(event)](order, event))


def _created(event: e.OrderCreated, recorded_at: Instant) -> Order:
    return Order(
        order_number=event.order_number,
        order_id=event.order_id,
        state=NEW,
        order_date=event.order_date,
        order_url=event.order_url,
        language=event.language,
        boarding_complete=event.boarding_complete,
        order_tags=event.order_tags,
        promised_delivery_date=event.promised_delivery_date,
        recipient_version=event.recipient_version,
        tracking_token=event.tracking_token,
        request_hash=event.request_hash,
        created_at=recorded_at,
        updated_at=recorded_at,
        history=(StateEntry(1, NEW, recorded_at, None),),
        items=event.items,
    )


def _move(
    order: Order,
    state: str,
    datetime: Instant | None,
    location: str | None = None,
    withdrawn: tuple[str, ...] = (),
) -> dict[str, Any]:
    history = order.history
    if withdrawn:
        history = tuple(line for line in history if line.state not in withdrawn)
    if datetime is not None:
        entry = history[-1].entry + 1 if history else 1
        history = (*history, StateEntry(entry, state, datetime, location))
    return {"state": state, "history": history}


def _reported(state: str) -> Callable[[Order, Any], dict[str, Any]]:
    return lambda order, event: _move(order, state, event.datetime, event.location)


def _paid(order: Order, event: e.OrderPaid) -> dict[str, Any]:
    moved = {} if event.afterwards else _move(order, PAID, event.datetime, event.location)
    return {"paid_at": event.datetime, **moved}


def _completion_corrected(order: Order, event: e.OrderCompletionCorrected) -> dict[str, Any]:
    history = tuple(
        replace(line, datetime=event.datetime) if line.state == COMPLETED else line
        for line in order.history
    )
    return {"history": history}


def _item_changed(order: Order, event: e.ItemChanged) -> dict[str, Any]:
    def changed(item: Item) -> Item:
        fields = {**item.fields, **event.changes}
        kept = {name: value for name, value in fields.items() if value is not None}
        return replace(item, status=event.status, fields=kept)

    return {
        "items": tuple(
            changed(item) if item.item_number == event.item_number else item for item in order.items
        )
    }


def _with_shipment(order: Order, shipment_number: int, **changes: Any) -> dict[str, Any]:
    return {
        "shipments": tuple(
            replace(parcel, **changes) if parcel.shipment_number == shipment_number else parcel
            for parcel in order.shipments
        )
    }


def _update_recorded(order: Order, event: e.CarrierUpdateRecorded) -> dict[str, Any]:
    parcel = order.shipment(event.shipment_number)
    updates = (*parcel.updates, event.update) if parcel else ()
    return _with_shipment(order, event.shipment_number, updates=updates)


def _without(parcels: tuple[Shipment, ...], shipment_number: int) -> tuple[Shipment, ...]:
    return tuple(parcel for parcel in parcels if parcel.shipment_number != shipment_number)


_STEPS: dict[type, Callable[[Order, Any], dict[str, Any]]] = {
    e.OrderUpdated: lambda order, event: event.changes,
    e.OrderStateChanged: lambda order, event: _move(order, **asdict(event)),
    e.OrderPaid: _paid,
    e.OrderShipped: lambda order, event: _move(order, SHIPPED, event.datetime),
    e.OrderDelayed: lambda order, event: {"delayed_at": event.delayed_at},
    e.OrderDelayLifted: lambda order, event: {"delayed_at": None},
    e.OrderCompleted: lambda order, event: _move(order, COMPLETED, event.datetime),
    e.OrderCompletionCorrected: _completion_corrected,
    e.OrderCancelled: _reported(CANCELLED),
    e.OrderReturned: _reported(RETURNED),
    e.OrderRefunded: _reported(REFUNDED),
    e.ItemAdded: lambda order, event: {"items": (*order.items, event.item)},
    e.ItemChanged: _item_changed,
    e.ItemRemoved: lambda order, event: {
        "items": tuple(item for item in order.items if item.item_number != event.item_number)
    },
    e.ShipmentCreated: lambda order, event: {"shipments": (*order.shipments, event.shipment)},
    e.ShipmentUpdated: lambda order, event: _with_shipment(
        order, event.shipment_number, **event.changes
    ),
    e.ShipmentStatusChanged: lambda order, event: _with_shipment(
        order, event.shipment_number, status=event.status, delivered_at=event.delivered_at
    ),
    e.ShipmentDelivered: lambda order, event: _with_shipment(
        order, event.shipment_number, delivered_at=event.delivered_at
    ),
    e.ShipmentDeleted: lambda order, event: {
        "shipments": _without(order.shipments, event.shipment_number)
    },
    e.CarrierUpdateRecorded: _update_recorded,
}
