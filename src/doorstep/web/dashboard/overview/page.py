"""The overview: how the shop's orders are doing."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

from babel.dates import format_date
from msgspec import Struct
from starlette.responses import Response

from doorstep.domain.carriers import carrier_label
from doorstep.domain.states import OPEN
from doorstep.service.listing_moment import NotUpToDate
from doorstep.service.overview import (
    DAYS,
    LEAST_SILENT_DAYS,
    MOST_DELIVERED,
    MOST_SHIPPED,
    MOST_SILENT_DAYS,
    USUAL_SILENT_DAYS,
    Count,
    Overview,
    overview,
    percent_of,
)
from doorstep.web.dashboard import numbers
from doorstep.web.dashboard.overview import charts
from doorstep.web.dashboard.page import Page
from doorstep.web.dashboard.visit import Visit
from doorstep.web.dashboard.wording import STATES
from doorstep.web.tracking import cut

ORDERS = "/dashboard/orders"


class Line(Struct, frozen=True):
    """A line of a figure: what it is of, where its orders are, what it says, how long its bars."""

    label: str
    url: str | None
    said: list[str]
    lengths: list[int]


async def page(visit: Visit) -> Response:
    asked = visit.asked("days")
    is_number = asked.isascii() and asked.isdecimal() and len(asked) <= 2
    try:
        found = await overview(
            visit.services, visit.view, int(asked) if is_number else USUAL_SILENT_DAYS
        )
    except NotUpToDate:
        return visit.message(503)
    open_orders = _sum(found.states[state] for state in OPEN)
    silent = Count(found.silent.number, found.silent.is_all)
    promises = found.promises
    kept = percent_of(promises.kept, promises.passed)
    return visit.html(
        "overview.html",
        overview=found,
        is_empty=not any(count.number for count in found.states.values()),
        open_orders=numbers.at_least(open_orders, visit.language),
        delayed=numbers.at_least(found.delayed, visit.language),
        silent=numbers.at_least(silent, visit.language),
        today=numbers.at_least(found.days[-1].orders, visit.language),
        kept=None if kept is None else numbers.percent(kept, visit.language),
        carrier_name=lambda name: _name(visit, name),
        cut=cut,
        day_count=DAYS,
        columns=charts.columns([day.orders.number for day in found.days]),
        days=list(_days(visit, found)),
        states=list(_states(visit, found)),
        carriers=list(_carriers(visit, found)),
        most_delivered=MOST_DELIVERED,
        most_shipped=MOST_SHIPPED,
        silent_choices=range(LEAST_SILENT_DAYS, MOST_SILENT_DAYS + 1),
    )


def _sum(counts: Iterator[Count]) -> Count:
    listed = list(counts)
    return Count(sum(count.number for count in listed), all(count.is_all for count in listed))


def _url(**asked: str) -> str:
    return f"{ORDERS}?{urlencode(asked)}"


def _days(visit: Visit, found: Overview) -> Iterator[Line]:
    for day in found.days:
        iso = day.date.isoformat()
        said = numbers.at_least(day.orders, visit.language)
        yield Line(_date(visit, day.date), _url(**{"from": iso, "to": iso}), [said], [])


def _date(visit: Visit, day: date) -> str:
    return format_date(day, "medium", locale=visit.language)


def _states(visit: Visit, found: Overview) -> Iterator[Line]:
    lengths = charts.lengths([count.number for count in found.states.values()])
    for (state, count), length in zip(found.states.items(), lengths, strict=True):
        said = numbers.at_least(count, visit.language)
        yield Line(visit.translated(STATES[state]), _url(state=state), [said], [length])


def _carriers(visit: Visit, found: Overview) -> Iterator[Line]:
    """Two bars on one scale: what half of the parcels take at most, what nine of ten do."""
    times = [
        seconds
        for carrier in found.carriers
        for seconds in (carrier.median_seconds, carrier.nine_of_ten_seconds)
    ]
    lengths = charts.lengths(times)
    for position, carrier in enumerate(found.carriers):
        said = [
            numbers.number(carrier.parcels, visit.language),
            numbers.duration(carrier.median_seconds, visit.language),
            numbers.duration(carrier.nine_of_ten_seconds, visit.language),
        ]
        url = _url(carrier=carrier.carrier) if carrier.carrier else None
        yield Line(
            _name(visit, carrier.carrier), url, said, lengths[2 * position : 2 * position + 2]
        )


def _name(visit: Visit, carrier: str) -> str:
    return cut(carrier_label(visit.view.carriers, carrier))


PAGES = (Page("/", page),)
