"""What the order list is asked for: the fields of its form, which all stand in the address."""

from datetime import date
from urllib.parse import urlencode

from msgspec import Struct

from doorstep.domain.carriers import carrier_key
from doorstep.domain.states import ORDER_STATES
from doorstep.service.cursors import WrongCursor, read_cursor
from doorstep.service.listings import Filter
from doorstep.times import last_of_day, parse_date, start_of_day
from doorstep.web.dashboard.visit import Visit
from doorstep.web.dashboard.wording import _

ORDERS_PATH = "/dashboard/orders"
CSV_PATH = "/dashboard/orders.csv"
FIELDS = ("search", "state", "delayed", "carrier", "from", "to")
CURSOR = "cursor"
SORT, DESCENDING = "id", True
"""The newest first. By number, in which every filter is quick and which no change moves."""

ANY_OPEN = "open"
"""Instead of a state: any that is not final."""

FLAGS = {"true": True, "false": False}

NO_STATE = _("There is no such state. Choose one from the list.")
NO_FLAG = _("This can only be yes or no.")
NO_DATE = _("This is not a date such as 2026-01-31.")
BACKWARDS = _("This day is before the first one.")
TOO_LONG = _("This is too long to be found.")
NO_CURSOR = _("There is no such page. Start from the first one.")


class Asked(Struct):
    """`given` as it was entered; `faults` by field, in words that are to be translated."""

    given: dict[str, str]
    filters: list[Filter]
    faults: dict[str, str]
    after: tuple[int, int] | None = None

    @property
    def search(self) -> str:
        return self.given.get("search", "")

    @property
    def is_filtered(self) -> bool:
        return any(name != "search" for name in self.given)

    @property
    def is_search_alone(self) -> bool:
        return bool(self.search) and not self.is_filtered and self.after is None

    def url(self, path: str = ORDERS_PATH, cursor: str | None = None) -> str:
        query = {**self.given, **({CURSOR: cursor} if cursor else {})}
        return f"{path}?{urlencode(query)}" if query else path


def read_asked(visit: Visit) -> Asked:
    given = {name: visit.asked(name) for name in FIELDS}
    asked = Asked({name: text for name, text in given.items() if text}, [], {})
    most = visit.services.limits.max_identifier_length
    for name, text in asked.given.items():
        if len(text) > most:
            asked.faults[name] = TOO_LONG
    _read_state(asked)
    _read_delayed(asked)
    carrier = carrier_key(asked.given.get("carrier"))
    if carrier:
        asked.filters.append(Filter("carrier", "=", carrier))
    _read_days(asked, visit)
    cursor = visit.asked(CURSOR)
    if cursor:
        try:
            asked.after = read_cursor(cursor, SORT, DESCENDING)
        except WrongCursor:
            asked.faults[CURSOR] = NO_CURSOR
    return asked


def _read_state(asked: Asked) -> None:
    state = asked.given.get("state")
    if state is None:
        return
    if state == ANY_OPEN:
        asked.filters.append(Filter("open", "=", True))
    elif state in ORDER_STATES:
        asked.filters.append(Filter("state", "=", state))
    else:
        asked.faults["state"] = NO_STATE


def _read_delayed(asked: Asked) -> None:
    delayed = asked.given.get("delayed")
    if delayed is None:
        return
    if delayed in FLAGS:
        asked.filters.append(Filter("delayed", "=", FLAGS[delayed]))
    else:
        asked.faults["delayed"] = NO_FLAG


def _read_days(asked: Asked, visit: Visit) -> None:
    """Both days are whole ones where the shop is, and both belong to it."""
    zone = visit.view.time_zone
    first, last = _day(asked, "from"), _day(asked, "to")
    if first and last and last < first:
        asked.faults["to"] = BACKWARDS
    if first:
        asked.filters.append(Filter("order_date", ">=", start_of_day(first, zone)))
    if last:
        asked.filters.append(Filter("order_date", "<=", last_of_day(last, zone)))


def _day(asked: Asked, name: str) -> date | None:
    text = asked.given.get(name)
    if text is None:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        asked.faults[name] = NO_DATE
    return day
