"""Whom an order is for: the person whom mails, search and the tracking page mean."""

from unicodedata import normalize

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


def delivery_zip_codes(order: Order) -> frozenset[str]:
    """The zip codes to which the order goes, in the form of `plain_zip_code`."""
    recipient = order.recipient(order.recipient_version) or {}
    given = [recipient.get("zip_code")]
    for parcel in order.shipments:
        if not parcel.return_parcel:
            given.append((order.recipient(parcel.recipient_version) or {}).get("recipient_zip"))
    return frozenset(filter(None, (plain_zip_code(code or "") for code in given)))


MOST_LETTERS = 100
"""Of a name or an address; what follows tells nobody apart."""


def plain_text(text: str) -> str:
    """What a person is found by, however it was typed: in one case, with single spaces, and an
    accent as a part of its letter and not as a character of its own.
    """
    return " ".join(normalize("NFC", text.casefold()).split())[:MOST_LETTERS]


def plain_name(text: str) -> str:
    """Without commas, which some write behind the last name and others do not."""
    return plain_text(text.replace(",", " "))


def plain_zip_code(text: str) -> str:
    """Letters and digits alone: `sw1a 1AA`, `SW1A1AA` and `D-10115`, `d10115` are the same."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _age(parcel: Shipment) -> tuple[int, int]:
    return parcel.created_at, parcel.shipment_number


def _contact(fields: Fields, prefix: str) -> Contact:
    return Contact(**{name: fields.get(prefix + name) for name in Contact.__struct_fields__})
