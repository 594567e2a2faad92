"""What a mail about an order says, as HTML and as text: whatever comes from outside is text."""

from collections.abc import Iterator
from datetime import timedelta

from babel.dates import format_date
from msgspec import Struct

from doorstep.domain.carriers import carrier_label, carrier_tracking_url
from doorstep.domain.order import Order, Shipment
from doorstep.domain.promise import EPOCH
from doorstep.service.accounts import AccountView
from doorstep.service.languages import find_language
from doorstep.service.mails.kinds import WHOLE_ORDER, Subject
from doorstep.service.mails.wording import WORDING
from doorstep.service.one_line import one_line
from doorstep.service.orders import tracking_page_url
from doorstep.service.templates import Templates
from doorstep.service.web_address import web_address

TEMPLATES = Templates("doorstep.service.mails")
translate = TEMPLATES.translate

MOST_PARCELS_LISTED = 20
MOST_NAME_LENGTH = 100
"""What of a shop's name or of an order's reference is shown."""


class Content(Struct, frozen=True):
    language: str
    shop: str
    subject: str
    html: str
    text: str


class ParcelLine(Struct, frozen=True):
    carrier: str
    tracking_code: str
    url: str | None


def content(subject: Subject, order: Order, view: AccountView, public_url: str) -> Content:
    """In the order's language, else the account's; dates are those of the account's time zone."""
    language = find_language(order.language, view.account.language)
    order_id, shop = _name(order.order_id), _name(view.account.name)
    wording = WORDING[subject.kind]
    title = translate(language, wording.subject) % {"order_id": order_id}
    shown = {
        "shop": shop,
        "subject": title,
        "heading": translate(language, wording.heading),
        "text": translate(language, wording.text) % {"order_id": order_id},
        "order_id": order_id,
        "promised": _promised(subject, order, view, language),
        "parcels": list(_lines(subject, order, view)),
        "tracking_page_url": tracking_page_url(public_url, order),
    }
    html, text = (TEMPLATES.render(f"mail.{form}", language, **shown) for form in ("html", "txt"))
    return Content(language, shop, title, html, text)


def _name(text: str) -> str:
    return one_line(text)[:MOST_NAME_LENGTH]


def _promised(subject: Subject, order: Order, view: AccountView, language: str) -> str:
    """The promised day, empty where there is none or it no longer matters."""
    if order.promised_delivery_date is None or subject.kind == "delivered":
        return ""
    moment = EPOCH + timedelta(microseconds=order.promised_delivery_date)
    return format_date(moment.astimezone(view.time_zone).date(), "full", locale=language)


def _lines(subject: Subject, order: Order, view: AccountView) -> Iterator[ParcelLine]:
    """The parcels that it is about, as far as there is something to know them by."""
    told = [
        parcel
        for parcel in order.counted_shipments
        if subject.shipment_number in (WHOLE_ORDER, parcel.shipment_number)
        and (parcel.carrier_name or parcel.tracking_code)
    ]
    return (_line(parcel, view) for parcel in told[:MOST_PARCELS_LISTED])


def _line(parcel: Shipment, view: AccountView) -> ParcelLine:
    carrier, code = parcel.carrier_name or "", parcel.tracking_code or ""
    url = carrier_tracking_url(view.carriers, carrier, code)
    label = carrier_label(view.carriers, carrier)
    return ParcelLine(_name(label), _name(code), web_address(url))
