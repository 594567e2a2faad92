"""What the tracking page shows of an order: nothing that its holder does not need."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta, timezone, tzinfo
from types import MappingProxyType

from msgspec import Struct

from doorstep.domain.carriers import carrier_label, carrier_tracking_url
from doorstep.domain.order import CarrierUpdate, Instant, Item, Order, Shipment
from doorstep.domain.shipment_status import standing
from doorstep.domain.states import FINAL, OPEN
from doorstep.service.accounts import AccountView
from doorstep.service.one_line import one_line
from doorstep.service.web_address import web_address
from doorstep.times import local_time
from doorstep.web.spelling import DayForm, day_text, number_text, time_text
from doorstep.web.steps import Step, situation, steps_of
from doorstep.web.wording import SITUATIONS, STATUSES, STEPS

MOST_PARCELS_SHOWN = 20
MOST_UPDATES_SHOWN = 60
"""Of all parcels together, of each the newest: a page stays small whatever carriers send."""

MOST_ITEMS_SHOWN = 50
NO_PICTURES: Mapping[str, str] = MappingProxyType({})
MOST_TEXT_SHOWN = 200
"""Characters of any text that is not ours."""


class Moment(Struct, frozen=True):
    """`iso` for programs, `text` in the page's language and at the local time of the place."""

    iso: str
    text: str


class ShownStep(Struct, frozen=True):
    label: str
    step: Step
    moment: Moment | None


class ShownUpdate(Struct, frozen=True):
    moment: Moment
    status: str
    location: str
    description: str


class ShownParcel(Struct, frozen=True):
    carrier: str
    tracking_code: str
    url: str | None
    status: str
    updates: list[ShownUpdate]
    more_updates: int


class ShownItem(Struct, frozen=True):
    name: str
    quantity: str
    picture: str | None


class Shown(Struct, frozen=True):
    """A page's texts, in its language."""

    language: str
    shop: str
    order_id: str
    heading: str
    text: str
    steps: list[ShownStep]
    promised: Moment | None
    is_delayed: bool
    parcels: list[ShownParcel]
    items: list[ShownItem]
    more_parcels: int
    more_items: int


def items_shown(order: Order) -> Sequence[Item]:
    return order.items[:MOST_ITEMS_SHOWN]


def show(
    order: Order,
    view: AccountView,
    language: str,
    translate: Callable[[str, str], str],
    pictures: Mapping[str, str] = NO_PICTURES,
) -> Shown:
    """Moments are those of the account's time zone, a carrier's updates those of its own.

    `pictures` are the paths of items' pictures by their `image_url`.
    """

    def say(text: str) -> str:
        return translate(language, text)

    wording = SITUATIONS[situation(order)]
    parcels, items = order.counted_shipments, order.items
    most_updates = MOST_UPDATES_SHOWN // max(1, min(len(parcels), MOST_PARCELS_SHOWN))
    return Shown(
        language=language,
        shop=cut(view.account.name),
        order_id=cut(order.order_id),
        heading=say(wording.heading),
        text=say(wording.text),
        steps=[
            ShownStep(
                say(STEPS[step.name]),
                step,
                None
                if step.reached_at is None
                else _day(step.reached_at, view.time_zone, language, "medium"),
            )
            for step in steps_of(order)
        ],
        promised=_promised(order, view, language),
        is_delayed=order.delayed_at is not None and order.state in OPEN,
        parcels=[
            _parcel(parcel, view, language, say, most_updates)
            for parcel in parcels[:MOST_PARCELS_SHOWN]
        ],
        items=[_item(item, language, pictures) for item in items_shown(order)],
        more_parcels=max(0, len(parcels) - MOST_PARCELS_SHOWN),
        more_items=max(0, len(items) - MOST_ITEMS_SHOWN),
    )


def cut(text: str, most: int = MOST_TEXT_SHOWN) -> str:
    """A text from outside as far as it is shown."""
    text = one_line(text[: 2 * most])
    return text if len(text) <= most else text[: most - 1] + "…"


def _day(instant: Instant, zone: tzinfo, language: str, form: DayForm) -> Moment:
    local = local_time(instant, zone)
    return Moment(local.date().isoformat(), day_text(local.date(), form, language))


def _promised(order: Order, view: AccountView, language: str) -> Moment | None:
    if order.promised_delivery_date is None or order.state in FINAL:
        return None
    return _day(order.promised_delivery_date, view.time_zone, language, "full")


def _parcel(
    parcel: Shipment,
    view: AccountView,
    language: str,
    say: Callable[[str], str],
    most_updates: int,
) -> ShownParcel:
    carrier, code = parcel.carrier_name or "", parcel.tracking_code or ""
    url = carrier_tracking_url(view.carriers, carrier, code)
    said = [line for line in standing(parcel.updates) if line.retracts is None]
    said.sort(key=lambda line: (line.datetime, line.update_number), reverse=True)
    return ShownParcel(
        cut(carrier_label(view.carriers, carrier)),
        cut(code),
        web_address(url),
        say(STATUSES[parcel.status]),
        [_update(line, view, language, say) for line in said[:most_updates]],
        max(0, len(said) - most_updates),
    )


def _update(
    line: CarrierUpdate, view: AccountView, language: str, say: Callable[[str], str]
) -> ShownUpdate:
    zone: tzinfo = view.time_zone
    if line.utc_offset is not None:
        zone = timezone(timedelta(minutes=line.utc_offset))
    local = local_time(line.datetime, zone)
    day = day_text(local.date(), "medium", language)
    text = f"{day}, {time_text(local.time(), language)}"
    return ShownUpdate(
        Moment(local.isoformat(timespec="seconds"), text),
        say(STATUSES[line.status]) if line.status is not None else "",
        cut(line.location or ""),
        cut(line.description or ""),
    )


def _item(item: Item, language: str, pictures: Mapping[str, str]) -> ShownItem:
    fields = item.fields
    name = fields.get("name") or fields.get("description") or fields.get("sku") or ""
    quantity = fields.get("quantity")
    shown = "" if quantity is None else number_text(quantity, language)
    picture = pictures.get(str(fields.get("image_url") or ""))
    return ShownItem(cut(str(name)), cut(shown), picture)
