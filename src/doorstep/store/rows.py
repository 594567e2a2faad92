"""An order as rows, and rows as an order."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec.json import decode
from msgspec.structs import astuple

from doorstep.domain.carriers import carrier_key
from doorstep.domain.contact import plain_name, plain_text
from doorstep.domain.order import (
    CarrierUpdate,
    Fields,
    Instant,
    Item,
    Order,
    Shipment,
    StateEntry,
)
from doorstep.domain.promise import late_after
from doorstep.domain.states import FINAL_PHASE, OPEN, SHIPMENT_STATUSES

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = list[Row]

NOTHING = "[]"
"""A part of which the order has none, as a row holds it."""

NEVER: Instant = 2**62
"""Later than every instant: what has no promise, or will not count as delayed, sorts last."""


def to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def order_row(account_id: int, order: Order) -> Row:
    waits_for_clock = order.state in OPEN
    # A delivery may lie ahead of the clock, and the promise that it missed too.
    settled = NEVER if order.delayed_at is None else min(order.delayed_at, order.created_at - 1)
    promise = order.promised_delivery_date
    promised_by = NEVER if promise is None else promise
    return {
        "account_id": account_id,
        "order_number": order.order_number,
        "order_id": order.order_id,
        "state": order.state,
        "order_date": order.order_date,
        "order_url": order.order_url,
        "language": order.language,
        "boarding_complete": order.boarding_complete,
        "promised_delivery_date": promise,
        "promised_by": promised_by,
        "recipient_version": order.recipient_version,
        "tracking_token": order.tracking_token,
        "request_hash": order.request_hash,
        "delayed_at": order.delayed_at,
        "delayed_from": promised_by if waits_for_clock else settled,
        "late_after": late_after(order.state, promise, order.delayed_at),
        "paid_at": order.paid_at,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }


def tag_rows(key: Row, order: Order) -> Rows:
    return [{**key, "tag": tag, "value": value} for tag, value in order.order_tags.items()]


def state_row(key: Row, line: StateEntry) -> Row:
    return {
        **key,
        "entry": line.entry,
        "state": line.state,
        "datetime": line.datetime,
        "location": line.location,
    }


def item_row(key: Row, item: Item) -> Row:
    return {
        **key,
        "item_number": item.item_number,
        "status": item.status,
        "fields": to_json(item.fields),
    }


def shipment_row(key: Row, parcel: Shipment) -> Row:
    return {
        **key,
        "shipment_number": parcel.shipment_number,
        "tracking_code": parcel.tracking_code,
        "reference_number": parcel.reference_number,
        "carrier_name": parcel.carrier_name,
        "carrier_country": parcel.carrier_country,
        "carrier": carrier_key(parcel.carrier_name),
        "return_parcel": parcel.return_parcel,
        "counted": parcel.counted,
        "trackable": parcel.trackable,
        "planned_pickup_datetime": parcel.planned_pickup_datetime,
        "delivery_assumed_from": _delivery_assumed_from(parcel),
        "fields": to_json(parcel.fields),
        "recipient_version": parcel.recipient_version,
        "created_at": parcel.created_at,
        "status": parcel.status,
        "delivered_at": parcel.delivered_at,
    }


def recipient_row(key: Row, version: int, fields: Fields | None) -> Row:
    """A version of the personal data; `fields` None where the person is already forgotten."""
    return {
        **key,
        "recipient_version": version,
        "fields": None if fields is None else to_json(fields),
        **contact_columns(fields or {}),
    }


def contact_columns(fields: Fields) -> Row:
    """What orders are found by of a person: "last first", and the email."""
    last, first, email = [
        fields.get(name) or fields.get("recipient_" + name) or ""
        for name in ("last_name", "first_name", "email")
    ]
    return {
        "contact_name": plain_name(f"{last} {first}") or None,
        "contact_email": plain_text(str(email)) or None,
    }


def _delivery_assumed_from(parcel: Shipment) -> Instant | None:
    """The planned pickup of a parcel that nobody scans, until its delivery is known or assumed."""
    if parcel.trackable or SHIPMENT_STATUSES[parcel.status].phase >= FINAL_PHASE:
        return None
    # An assumption bears the parcel's own number, and stays when it is retracted.
    assumed = any(update.update_number == parcel.shipment_number for update in parcel.updates)
    return None if assumed else parcel.planned_pickup_datetime


def update_row(key: Row, parcel: Shipment, update: CarrierUpdate) -> Row:
    return {
        **key,
        "shipment_number": parcel.shipment_number,
        "update_number": update.update_number,
        "status": update.status,
        "datetime": update.datetime,
        "utc_offset": update.utc_offset,
        "location": update.location,
        "description": update.description,
        "retracts": update.retracts,
        "recorded_at": update.recorded_at,
    }


def order_of(row: Sequence[Any]) -> Order:
    """The order that a row of `sql/fragments/whole_order.sql` holds."""
    # Lists and not generators: each order of a listing goes through here. Most have no tags.
    tags, states, items, parcels, updates, recipients = [
        decode(text) if text != NOTHING else [] for text in row[15:]
    ]
    scans: dict[int, list[CarrierUpdate]] = {}
    for number, *line in updates:
        scans.setdefault(number, []).append(CarrierUpdate(*line))
    values: list[Any] = [
        *row[:6],
        None if row[6] is None else bool(row[6]),
        dict(tags),
        *row[7:15],
        tuple([StateEntry(*line) for line in states]),
        tuple([Item(number, status, decode(fields)) for number, status, fields in items]),
        tuple([_shipment(parcel, scans.get(parcel[0], [])) for parcel in parcels]),
        {version: decode(fields) for version, fields in recipients},
    ]
    return Order(*values)


def _shipment(row: list[Any], updates: list[CarrierUpdate]) -> Shipment:
    flags = (bool(flag) for flag in row[5:8])
    values: list[Any] = [*row[:5], *flags, row[8], decode(row[9]), *row[10:], tuple(updates)]
    return Shipment(*values)


def in_order(order: Order) -> tuple[Any, ...]:
    """An order with its parts in order of their numbers: what two copies are compared by."""
    parts = {
        "items": tuple(sorted(order.items, key=lambda item: item.item_number)),
        "shipments": tuple(
            msgspec.structs.replace(
                parcel, updates=tuple(sorted(parcel.updates, key=lambda u: u.update_number))
            )
            for parcel in sorted(order.shipments, key=lambda parcel: parcel.shipment_number)
        ),
    }
    return astuple(msgspec.structs.replace(order, **parts))
