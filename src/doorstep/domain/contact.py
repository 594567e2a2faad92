"""Whom an order is for: the person whom mails, search and the tracking page mean."""

from msgspec import Struct

from doorstep.domain.order import Fields, Order, Shipment


class Contact(Struct, frozen=True):
    """As the shop gave it; nothing here was checked for its form."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


def contact_of(order: Order) -> Contact:
    """The order's recipient, else that of its earliest outbound parcel, else nobody."""
    recipient = order.recipient(order.recipient_version)
    if recipient:
        return _contact(recipient, "")
    outbound = [parcel for parcel in order.shipments if not parcel.return_parcel]
    if not outbound:
        return Contact()
    return _contact(order.recipient(min(outbound, key=_age).recipient_version) or {}, "recipient_")


def _age(parcel: Shipment) -> tuple[int, int]:
    return parcel.created_at, parcel.shipment_number


def _contact(fields: Fields, prefix: str) -> Contact:
    return Contact(**{name: fields.get(prefix + name) for name in Contact.__struct_fields__})
