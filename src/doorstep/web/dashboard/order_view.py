"""What the page of an order shows of it: bounded, however much belongs to the order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from babel.numbers import format_decimal
from msgspec import Struct

from doorstep.domain.carriers import carrier_tracking_url
from doorstep.domain.order import CarrierUpdate, Item, Order, Shipment
from doorstep.domain.shipment_status import standing
from doorstep.web.dashboard.order_wording import FIELDS
from doorstep.web.dashboard.visit import Visit
from doorstep.web.dashboard.wording import _
from doorstep.web.tracking import cut

MOST_PARCELS = 25
MOST_OPEN_PARCELS = 3
"""Of more than these only a line each is seen, until one is opened."""

MOST_UPDATES = 5
"""Of each parcel; of one that is looked at alone, more."""

MOST_UPDATES_OF_ONE = 200
MOST_ITEMS = 100
MOST_TEXT = 1_000
"""Characters of any text that is not ours."""

MOST_TAGS = 100

Source = TypeVar("Source")
Line = TypeVar("Line")


class Part(NamedTuple, Generic[Line]):
    """A page of a long list, `page` counted from 1 to `pages`."""

    lines: Sequence[Line]
    page: int
    pages: int
    total: int


class Fact(NamedTuple):
    label: str
    text: str
    url: str | None = None


class ShownUpdate(NamedTuple):
    """`retracted` where it no longer counts; `retracts` is when what it takes back happened."""

    update: CarrierUpdate
    location: str
    description: str
    retracted: bool


class ShownParcel(Struct, frozen=True):
    """`can_count`: None where nothing is to be switched, else what it would be switched to."""

    parcel: Shipment
    counted: bool
    can_count: bool | None
    name: str
    url: str | None
    recipient: list[Fact]
    facts: list[Fact]
    updates: Part[ShownUpdate]


class ShownItem(Struct, frozen=True):
    item: Item
    name: str
    quantity: str
    facts: list[Fact]


def page_asked(visit: Visit, name: str) -> int:
    """The page that the query asks for, the first where it asks for none."""
    text = visit.asked(name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def part_of(
    found: Sequence[Source], page: int, most: int, show: Callable[[Source], Line]
) -> Part[Line]:
    """A page of what was found, the last one where there are not as many."""
    pages = max(1, -(-len(found) // most))
    page = min(max(page, 1), pages)
    lines = [show(one) for one in found[(page - 1) * most : page * most]]
    return Part(lines, page, pages, len(found))


def web_address(url: object) -> str | None:
    """What may be a link: browsers would carry out other schemes, or open what is not the web."""
    is_web = isinstance(url, str) and url.lower().startswith(("https://", "http://"))
    return str(url) if is_web else None


def facts(visit: Visit, fields: Mapping[str, Any] | None) -> list[Fact]:
    """Given fields in the order of their labels."""
    given = fields or {}
    return [
        Fact(visit.translated(label), _text(visit, given[name]), web_address(given[name]))
        for name, label in FIELDS.items()
        if given.get(name) not in (None, "", {})
    ]


def _text(visit: Visit, value: Any) -> str:
    if isinstance(value, bool):
        return visit.translated(_("Yes") if value else _("No"))
    if isinstance(value, int | float):
        text: str = format_decimal(value, locale=visit.language)
        return text
    if isinstance(value, Mapping):
        shown = list(value.items())[:MOST_TAGS]
        return cut("; ".join(f"{name}: {text}" for name, text in shown), MOST_TEXT)
    return cut(str(value), MOST_TEXT)


def parcel_name(parcel: Shipment) -> str:
    """How people tell it from others."""
    code = parcel.tracking_code or parcel.reference_number or str(parcel.shipment_number)
    return cut(f"{parcel.carrier_name or ''} {code}")


def shown_parcels(visit: Visit, order: Order) -> Part[ShownParcel]:
    """What keeps the order open comes first."""
    counted = {parcel.shipment_number for parcel in order.counted_shipments}
    ordered = sorted(
        order.shipments, key=lambda one: one.delivered or one.shipment_number not in counted
    )
    page = page_asked(visit, "parcels")
    return part_of(
        ordered, page, MOST_PARCELS, lambda one: shown_parcel(visit, order, one, counted)
    )


def shown_parcel(
    visit: Visit, order: Order, parcel: Shipment, counted: set[int], *, is_alone: bool = False
) -> ShownParcel:
    is_counted = parcel.shipment_number in counted
    url = carrier_tracking_url(visit.view.carriers, parcel.carrier_name, parcel.tracking_code)
    most = MOST_UPDATES_OF_ONE if is_alone else MOST_UPDATES
    stand = {line.update_number for line in standing(parcel.updates)}
    newest = sorted(
        parcel.updates, key=lambda line: (line.datetime, line.update_number), reverse=True
    )
    page = page_asked(visit, "updates") if is_alone else 1
    return ShownParcel(
        parcel,
        is_counted,
        not parcel.counted if is_counted or not parcel.counted else None,
        parcel_name(parcel),
        web_address(url),
        facts(visit, order.recipient(parcel.recipient_version)),
        facts(visit, parcel.fields),
        part_of(newest, page, most, lambda line: _update(line, stand)),
    )


def _update(line: CarrierUpdate, stand: set[int]) -> ShownUpdate:
    return ShownUpdate(
        line,
        cut(line.location or "", MOST_TEXT),
        cut(line.description or "", MOST_TEXT),
        line.update_number not in stand,
    )


def shown_items(visit: Visit, order: Order) -> Part[ShownItem]:
    page = page_asked(visit, "items")
    return part_of(order.items, page, MOST_ITEMS, lambda item: _item(visit, item))


def _item(visit: Visit, item: Item) -> ShownItem:
    fields = item.fields
    named = next(
        name for name in ("name", "description", "sku", "") if not name or fields.get(name)
    )
    rest = {name: value for name, value in fields.items() if name != named}
    return ShownItem(
        item,
        cut(str(fields.get(named, item.item_number))),
        _text(visit, fields["quantity"]) if "quantity" in fields else "",
        facts(visit, rest),
    )
