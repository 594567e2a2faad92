"""Filters, sorting and paging of listings, from the query to pages and back to links."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote
from zoneinfo import ZoneInfo

from doorstep.api.problems import invalid_fields
from doorstep.domain.limits import Limits
from doorstep.domain.refusals import Violation
from doorstep.service.cursors import WrongCursor, read_cursor, write_cursor
from doorstep.service.listings import Filter, Found, Listing, Page
from doorstep.times import last_of_day, parse_date, parse_time, start_of_day

MOST_PER_PAGE = 1_000
PER_PAGE = 100
MOST_OFFSET = 10_000
MOST_DIGITS = 15
MOST_FILTERS = 20
"""In one request: each is looked up in every row that the others find."""

PAGE_NUMBERS = {
    "limit": (1, MOST_PER_PAGE),
    "offset": (0, MOST_OFFSET),
    "page": (1, 2**31),
    "itemsPerPage": (1, MOST_PER_PAGE),
}
"""The parameters of paging that are numbers, each with the least and the most that it may be."""

PAGING = (*PAGE_NUMBERS, "cursor")
COMPARISONS = ("after", "before", "strictly_after", "strictly_before")

Query: TypeAlias = list[tuple[str, str]]


class Wanted(NamedTuple):
    """What a listing's query asks for; `page` None for all that matches."""

    filters: list[Filter]
    page: Page | None
    sort: str
    descending: bool


class Bad(ValueError):
    """A parameter's value is malformed; says how."""


class FilterForm(NamedTuple):
    """How the text of a parameter is read (`read` raises Bad), and its JSON schema."""

    read: Callable[[str, Limits], Any]
    schema: Callable[[Limits], dict[str, Any]]


def _text_filter(limit: str) -> FilterForm:
    """A text of at least one character, no longer than a limit."""

    def read(text: str, limits: Limits) -> str:
        most = getattr(limits, limit)
        if not 1 <= len(text) <= most:
            raise Bad(f"must have 1 to {most} characters.")
        return text

    return FilterForm(
        read, lambda limits: {"type": "string", "minLength": 1, "maxLength": getattr(limits, limit)}
    )


IDENTIFIER = _text_filter("max_identifier_length")
TEXT = _text_filter("max_text_length")


FLAGS = {"true": True, "false": False, "1": True, "0": False}


def _read_flag(text: str, limits: Limits) -> bool:
    if text not in FLAGS:
        raise Bad("must be true or false.")
    return FLAGS[text]


FLAG = FilterForm(_read_flag, lambda limits: {"type": "string", "enum": list(FLAGS)})


def word(meanings: Mapping[str, str]) -> FilterForm:
    """One of some words, in whatever case."""

    def read(text: str, limits: Limits) -> str:
        if text.lower() not in meanings:
            raise Bad(f"must be one of {', '.join(dict.fromkeys(meanings.values()))}.")
        return meanings[text.lower()]

    words = list(dict.fromkeys(meanings.values()))
    return FilterForm(read, lambda limits: {"type": "string", "enum": words})


def read_parameters(
    forms: Mapping[str, FilterForm], query: Query, limits: Limits
) -> dict[str, Any]:
    """The given ones of some parameters; the last where one is given again.

    Raises Problem with every malformed one at once; unknown ones are ignored.
    """
    given, violations = {}, []
    for name, text in query:
        if name in forms:
            try:
                given[name] = forms[name].read(text, limits)
            except Bad as bad:
                violations.append(Violation(name, str(bad)))
    if violations:
        raise invalid_fields(violations)
    return given


class Filters(NamedTuple):
    """The filters of a listing: plain ones, times with a comparison, and maps with a key."""

    listing: Listing
    plain: Mapping[str, FilterForm]
    times: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()


def read_query(filters: Filters, query: Query, limits: Limits, time_zone: ZoneInfo) -> Wanted:
    """Raises Problem with every malformed parameter at once; unknown ones are ignored."""
    reader = _Reader(filters, limits, time_zone)
    for name, text in query:
        try:
            reader.read(name, text)
        except Bad as bad:
            reader.violations.append(Violation(name, str(bad)))
    wanted = reader.wanted()
    if reader.violations:
        raise invalid_fields(reader.violations)
    return wanted


class _Reader:
    def __init__(self, filters: Filters, limits: Limits, time_zone: ZoneInfo) -> None:
        self.known = filters
        self.limits = limits
        self.time_zone = time_zone
        self.filters: list[Filter] = []
        self.paging: dict[str, Any] = {}
        self.sort, self.descending = "id", False
        self.violations: list[Violation] = []

    def read(self, name: str, text: str) -> None:
        field, key = _bracketed(name)
        if name in self.known.plain:
            value = self.known.plain[name].read(text, self.limits)
            self._add(Filter(name, "=", value))
        elif field in self.known.times:
            self._add(self._time_filter(field, key, text))
        elif field in self.known.maps:
            if not key:
                raise Bad(f"takes a key in brackets: {field}[key].")
            self._add(Filter(field, "=", text, key))
        elif name in PAGING:
            self.paging[name] = (
                text if name == "cursor" else whole_number(text, *PAGE_NUMBERS[name])
            )
        elif name == "order_by":
            self._sort(*_order_by(text))
        elif field == "order" and key:
            self._sort(key, text)

    def _add(self, wanted: Filter) -> None:
        if len(self.filters) == MOST_FILTERS:
            raise Bad(f"is one too many: at most {MOST_FILTERS} filters are taken.")
        self.filters.append(wanted)

    def _time_filter(self, field: str, comparison: str | None, text: str) -> Filter:
        match comparison:
            case "after":
                return Filter(field, ">=", self._moment(text, start_of_day))
            case "before":
                return Filter(field, "<=", self._moment(text, last_of_day))
            case "strictly_after":
                return Filter(field, ">", self._moment(text, last_of_day))
            case "strictly_before":
                return Filter(field, "<", self._moment(text, start_of_day))
        raise Bad(f"takes [after], [before], [strictly_after], [strictly_before]: {field}[after].")

    def _moment(self, text: str, of_day: Callable[[date, ZoneInfo], int]) -> int:
        try:
            day = parse_date(text)
            if day is not None:
                return of_day(day, self.time_zone)
            return parse_time(text, in_query=True).instant
        except ValueError as error:
            raise Bad(str(error)) from None

    def _sort(self, field: str, direction: str) -> None:
        if field not in self.known.listing.sorts:
            raise Bad(f"sorts by one of {', '.join(self.known.listing.sorts)}.")
        if direction.lower() not in ("asc", "desc"):
            raise Bad("must be asc or desc.")
        self.sort, self.descending = field, direction.lower() == "desc"

    def wanted(self) -> Wanted:
        if self.filters and not self.paging:
            return Wanted(self.filters, None, self.sort, self.descending)
        try:
            page = self._page()
        except Bad as bad:
            name = next(name for name in ("cursor", "page", "offset") if name in self.paging)
            self.violations.append(Violation(name, str(bad)))
            page = None
        return Wanted(self.filters, page, self.sort, self.descending)

    def _page(self) -> Page:
        limit = self.paging.get("limit") or self.paging.get("itemsPerPage") or PER_PAGE
        if "cursor" in self.paging:
            try:
                after = read_cursor(self.paging["cursor"], self.sort, self.descending)
            except WrongCursor as wrong:
                raise Bad(str(wrong)) from None
            return Page(self.sort, self.descending, limit, after=after)
        offset = self.paging.get("offset", 0)
        if "page" in self.paging:
            offset = (self.paging["page"] - 1) * limit
        if offset > MOST_OFFSET:
            raise Bad(
                f"goes beyond {MOST_OFFSET} entries: follow the Link header with rel=next instead, "
                "whose cost does not grow with depth."
            )
        return Page(self.sort, self.descending, limit, offset)


def _bracketed(name: str) -> tuple[str, str | None]:
    """`order_tags[key]` → (order_tags, key)."""
    field, bracket, rest = name.partition("[")
    return (field, rest[:-1]) if bracket and rest.endswith("]") else (name, None)


def whole_number(text: str, lowest: int, highest: int) -> int:
    """Raises Bad."""
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise Bad("must be a whole number.")
    if not lowest <= int(text) <= highest:
        raise Bad(f"must lie between {lowest} and {highest}.")
    return int(text)


def _order_by(text: str) -> tuple[str, str]:
    """`order_date`, `-order_date`, `order_date desc`, `order_date:desc`, `order_date,desc`."""
    if text.startswith("-"):
        return text[1:], "desc"
    field, *direction = text.replace(":", " ").replace(",", " ").split()[:2] or [""]
    return field, direction[0] if direction else "asc"


def next_link(base: str, query: Query, page: Page, last: Found) -> str:
    """The `Link` header that leads to the page after the row `last`."""
    kept = [(name, text) for name, text in query if name not in PAGING]
    kept += [
        ("limit", str(page.limit)),
        ("cursor", write_cursor(page.sort, page.descending, last)),
    ]
    text = "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in kept)
    return f'<{base}?{text}>; rel="next"'
