"""Handing over parcels, changing and removing them."""

from typing import Any

from doorstep.domain import events as e
from doorstep.domain.carriers import carrier_key
from doorstep.domain.commands import (
    AddShipment,
    Holders,
    ParcelName,
    RemoveShipment,
    UpdateShipment,
)
from doorstep.domain.decide.draft import Draft
from doorstep.domain.order import DAY, Fields, Instant, Order, Shipment, same_moment
from doorstep.domain.refusals import Refusal, conflict, invalid, missing
from doorstep.domain.states import CANCELLED, REFUNDED

REUSE_AFTER = 30 * DAY
"""Carriers reuse numbers: a parcel final for this long gives its names to the next."""

TRACKING_CODE = "tracking_code"
REFERENCE_NUMBER = "reference_number"

OWN_FIELDS = {
    TRACKING_CODE: None,
    REFERENCE_NUMBER: None,
    "carrier_name": None,
    "carrier_country": None,
    "return_parcel": False,
    "trackable": True,
    "planned_pickup_datetime": None,
}
"""Given fields that are attributes of a shipment, with what they are when not given."""

ALWAYS_CHANGEABLE = {"comment", "shipment_tag", "counted"}
"""What stays open to change once the carrier has the parcel."""


def parcel_names(
    tracking_code: str | None, reference_number: str | None, carrier_name: str | None
) -> tuple[ParcelName, ...]:
    """The names under which a parcel is found again."""
    names = []
    if tracking_code:
        names.append(ParcelName(TRACKING_CODE, carrier_key(carrier_name), tracking_code))
    if reference_number:
        names.append(ParcelName(REFERENCE_NUMBER, "", reference_number))
    return tuple(names)


def names_of(parcel: Shipment) -> tuple[ParcelName, ...]:
    return parcel_names(parcel.tracking_code, parcel.reference_number, parcel.carrier_name)


def gives_up_names(final_at: Instant | None, now: Instant) -> bool:
    """Whether a parcel that became final at this moment leaves its names to others."""
    return final_at is not None and now - final_at >= REUSE_AFTER


def add(draft: Draft, command: AddShipment) -> Refusal | None:
    order, given = draft.order, command.given
    names = parcel_names(
        given.get(TRACKING_CODE), given.get(REFERENCE_NUMBER), given.get("carrier_name")
    )
    known = {
        parcel.shipment_number: parcel
        for parcel in order.shipments
        if not set(names).isdisjoint(names_of(parcel))
    }
    if len(known) > 1:
        return conflict(
            "two_parcels",
            "The tracking code belongs to one parcel, the reference number to another: shipments "
            f"{' and '.join(str(number) for number in known)}.",
        )
    parcel = next(iter(known.values()), None)
    refusal = _taken(names, command.holders, draft, parcel)
    if refusal is not None:
        return refusal
    if parcel is not None:
        return _add_again(draft, parcel, command)
    outbound = not given.get("return_parcel", False)
    if outbound and order.state in (CANCELLED, REFUNDED):
        return conflict(
            f"order_{order.state}",
            f"Order {order.order_id} is {order.state}: it takes no outbound shipment.",
        )
    if given.get("local_delivery") and order.promised_delivery_date is None:
        return _no_promise()
    if len(order.shipments) >= command.most_shipments:
        return conflict(
            "too_many_shipments",
            f"Order {order.order_id} has {len(order.shipments)} shipments, the most that it can "
            "have.",
        )
    draft.subject = command.shipment_number
    draft.record(e.ShipmentCreated(_created(draft, command)))
    return None


def _created(draft: Draft, command: AddShipment) -> Shipment:
    own = {name: command.given.get(name, blank) for name, blank in OWN_FIELDS.items()}
    rest = {
        name: value
        for name, value in command.given.items()
        if name not in OWN_FIELDS and name != "counted"
    }
    return Shipment(
        shipment_number=command.shipment_number,
        counted=command.given.get("counted", True),
        fields=rest,
        recipient_version=draft.keep_recipient(command.recipient),
        created_at=draft.now,
        **own,
    )


def _add_again(draft: Draft, parcel: Shipment, command: AddShipment) -> Refusal | None:
    """The same parcel again: what differs is taken over while the label can still change."""
    if not parcel.scanned:
        refusal = _change(draft, parcel, command.given, command.recipient or {})
        if refusal is not None:
            return refusal
    draft.replay(parcel.shipment_number)
    return None


def update(draft: Draft, command: UpdateShipment) -> Refusal | None:
    parcel = draft.order.shipment(command.shipment_number)
    if parcel is None:
        return missing("shipment", command.shipment_number)
    given = dict(command.changes)
    if given.pop("order_id", draft.order.order_id) != draft.order.order_id:
        return invalid(("order_id", "a shipment stays with its order."))
    names = parcel_names(
        given.get(TRACKING_CODE, parcel.tracking_code),
        given.get(REFERENCE_NUMBER, parcel.reference_number),
        given.get("carrier_name", parcel.carrier_name),
    )
    if not names:
        return invalid(
            (TRACKING_CODE, "One of tracking_code, reference_number is required."),
            (REFERENCE_NUMBER, "One of tracking_code, reference_number is required."),
        )
    refusal = _taken(names, command.holders, draft, parcel)
    if refusal is not None:
        return refusal
    draft.subject = parcel.shipment_number
    return _change(draft, parcel, given, command.recipient)


def remove(draft: Draft, command: RemoveShipment) -> Refusal | None:
    parcel = draft.order.shipment(command.shipment_number)
    if parcel is None:
        return missing("shipment", command.shipment_number)
    if parcel.scanned:
        return _label_fixed(parcel, "it can no longer be deleted")
    draft.record(e.ShipmentDeleted(parcel.shipment_number))
    return None


def _taken(
    names: tuple[ParcelName, ...], holders: Holders, draft: Draft, parcel: Shipment | None
) -> Refusal | None:
    """Refuses a name that is new to the parcel and that another one bears."""
    own = names_of(parcel) if parcel else ()
    for name in names:
        holder = holders.get(name)
        if holder is None or name in own:
            continue
        same_order = holder.order_number == draft.order.order_number
        if same_order or not gives_up_names(holder.final_at, draft.now):
            return conflict(
                f"{name.kind}_taken",
                f"{name.kind} {name.name} belongs to shipment {holder.shipment_number} "
                f"of order {holder.order_id}.",
                (name.kind, f"belongs to a shipment of order {holder.order_id}."),
            )
    return None


def _change(draft: Draft, parcel: Shipment, given: Fields, personal: Fields) -> Refusal | None:
    order = draft.order
    changes = _differing(order, parcel, given)
    recipient = dict(order.recipient(parcel.recipient_version) or {})
    wanted = {name: value for name, value in {**recipient, **personal}.items() if value is not None}
    touched = {*changes, *(name for name in personal if recipient.get(name) != wanted.get(name))}
    if parcel.scanned and touched - ALWAYS_CHANGEABLE:
        return _label_fixed(
            parcel, "only comment, shipment_tag and counted can change", touched - ALWAYS_CHANGEABLE
        )
    if changes.get("local_delivery") and order.promised_delivery_date is None:
        return _no_promise()
    if changes.get("return_parcel") is False and order.state in (CANCELLED, REFUNDED):
        return conflict(
            f"order_{order.state}",
            f"Order {order.order_id} is {order.state}: it takes no outbound shipment.",
        )
    if touched:
        _record_change(draft, parcel, changes, wanted if wanted != recipient else None)
    return None


def _differing(order: Order, parcel: Shipment, given: Fields) -> dict[str, Any]:
    """The given values that are not what is stored; `counted` is compared with what is shown."""
    changes = {}
    for name, value in given.items():
        if name == "counted":
            shown = parcel in order.counted_shipments
            value = True if value is None else value
            if value not in (shown, parcel.counted):
                changes[name] = value
        elif name == "planned_pickup_datetime":
            if not same_moment(value, parcel.planned_pickup_datetime):
                changes[name] = value
        elif name in OWN_FIELDS:
            value = OWN_FIELDS[name] if value is None else value
            if value != getattr(parcel, name):
                changes[name] = value
        elif value != parcel.fields.get(name):
            changes[name] = value
    return changes


def _record_change(
    draft: Draft, parcel: Shipment, changes: dict[str, Any], recipient: Fields | None
) -> None:
    attributes = {
        name: changes[name] for name in changes if name in OWN_FIELDS or name == "counted"
    }
    rest = {name: value for name, value in changes.items() if name not in attributes}
    if rest:
        fields = {**parcel.fields, **rest}
        attributes["fields"] = {name: value for name, value in fields.items() if value is not None}
    if recipient is not None:
        attributes["recipient_version"] = draft.keep_recipient(recipient)
    draft.record(e.ShipmentUpdated(parcel.shipment_number, attributes))


def _label_fixed(parcel: Shipment, then: str, fields: set[str] | None = None) -> Refusal:
    return conflict(
        "shipment_scanned",
        f"Shipment {parcel.shipment_number} is {parcel.status}, in the carrier's hands: {then}.",
        *((name, "can no longer be changed.") for name in sorted(fields or ())),
    )


def _no_promise() -> Refusal:
    return invalid(
        ("local_delivery", "needs a promised_delivery_date on the order."),
        code="promise_required",
    )
