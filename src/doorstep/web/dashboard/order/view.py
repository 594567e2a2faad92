"""What the page of an order shows of it: bounded, however much belongs to the order."""

from typing import NamedTuple

from msgspec import Struct

from doorstep.domain.carriers import carrier_label, carrier_tracking_url
from doorstep.domain.order import CarrierUpdate, Item, Order, Shipment
from doorstep.domain.shipment_status import standing
from doorstep.service.web_address import web_address
from doorstep.web.dashboard.order.facts import MOST_TEXT, Fact, facts, text_of
from doorstep.web.dashboard.order.parts_of_lists import Part, page_asked, part_of
from doorstep.web.dashboard.visit import Visit
from doorstep.web.tracking import cut

MOST_PARCELS = 25
MOST_OPEN_PARCELS = 3
"""Of more than these only a line each is seen, until one is opened."""

MOST_UPDATES = 5
"""Of each parcel; of one that is looked at alone, more."""

MOST_UPDATES_OF_ONE = 200
MOST_ITEMS = 100


class ShownUpdate(NamedTuple):
    """`retracted` where it no longer counts."""

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


def parcel_name(visit: Visit, parcel: Shipment) -> str:
    """How people tell it from others."""
    code = parcel.tracking_code or parcel.reference_number or str(parcel.shipment_number)
    return cut(f"{carrier_label(visit.view.carriers, parcel.carrier_name)} {code}")


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
        parcel_name(visit, parcel),
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
        text_of(visit, fields["quantity"]) if "quantity" in fields else "",
        facts(visit, rest),
    )
