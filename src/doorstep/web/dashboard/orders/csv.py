"""The order list as a file for a spreadsheet: everything that matches, in rows of text."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable

from doorstep.domain.contact import contact_of
from doorstep.domain.order import Instant, Order, Shipment
from doorstep.service.listings import Listed
from doorstep.times import local_time
from doorstep.web.dashboard.orders.rows import contact_name
from doorstep.web.dashboard.visit import Visit

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the encoding of its own country."""

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
FORMULAS = (*SIGNS, "\t", "\r", "\n")
"""What a cell begins with that a spreadsheet would carry out (OWASP, CSV injection)."""

WITHIN = re.compile(rf'(?<=[;\t\r\n])(?="*[{re.escape(SIGNS)}])')
"""Where a cell would begin for a program that divides lines at semicolons or tabs: Excel does,
in countries that write 1,5.
"""

COLUMNS = (
    "order_id",
    "order_date",
    "state",
    "delayed",
    "promised_delivery_date",
    "contact_name",
    "contact_email",
    "language",
    "tracking_codes",
    "carriers",
    "shipment_statuses",
    "created_at",
    "order_number",
)
"""The contract's words, the same in every language; what is of a parcel has a line for each."""


def header() -> bytes:
    return (BYTE_ORDER_MARK + _lines([COLUMNS])).encode()


def rows(visit: Visit, listed: Listed) -> bytes:
    """The lines of a part; an order that was deleted meanwhile has none."""
    found = (listed.orders.get(row.order_number) for row in listed.found)
    return _lines(_cells(visit, order) for order in found if order is not None).encode()


def guarded(cell: str) -> str:
    """A cell that every spreadsheet takes for text, also in pieces."""
    cell = WITHIN.sub("'", cell)
    return "'" + cell if cell.startswith(FORMULAS) else cell


def _lines(lines: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([guarded(cell) for cell in line] for line in lines)
    return written.getvalue()


def _cells(visit: Visit, order: Order) -> list[str]:
    contact, parcels = contact_of(order), order.shipments

    def time(at: Instant | None) -> str:
        there = None if at is None else local_time(at, visit.view.time_zone)
        return "" if there is None else there.isoformat(timespec="seconds")

    return [
        order.order_id,
        time(order.order_date),
        order.state,
        "false" if order.delayed_at is None else "true",
        time(order.promised_delivery_date),
        contact_name(contact),
        contact.email or "",
        order.language or "",
        _of_each(parcels, "tracking_code"),
        _of_each(parcels, "carrier_name"),
        _of_each(parcels, "status"),
        time(order.created_at),
        str(order.order_number),
    ]


def _of_each(parcels: tuple[Shipment, ...], field: str) -> str:
    """A line for each parcel, so that the same line of three cells is of the same parcel."""
    return "\n".join(getattr(parcel, field) or "" for parcel in parcels)


async def csv_parts(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield header() + first
    async for part in rest:
        if part:
            yield part
