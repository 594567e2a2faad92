"""What listings are asked for: every documented filter at random values, and the same in Python."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from doorstep.api.paging import next_link
from doorstep.domain.order import DAY, Instant
from doorstep.domain.states import ORDER_STATES
from doorstep.service.listings import Found, Page
from doorstep.store.sqlite.database import connect
from doorstep.times import format_time
from tests.e2e.large_database import LANGUAGES, SPAN, TAGS

SORTS = ("id", "order_date", "promised_delivery_date", "created_at")


class Row(NamedTuple):
    """An order as the filters see it, read by plain statements."""

    number: int
    order_id: str
    state: str
    language: str | None
    order_date: Instant
    promised: Instant | None
    created_at: Instant
    delayed_from: Instant
    tags: dict[str, str]
    codes: frozenset[str]


Fits = Callable[[Row], bool]
Asked = tuple[str, Fits]
"""A query's parameters, and the same in Python."""


def rows_of(path: Path) -> list[Row]:
    """Every order of the database, in order of numbers."""
    connection = connect(path, readonly=True)
    tags: dict[int, dict[str, str]] = {}
    for number, tag, value in connection.execute("SELECT order_number, tag, value FROM order_tags"):
        tags.setdefault(number, {})[tag] = value
    codes: dict[int, set[str]] = {}
    for number, code in connection.execute("SELECT order_number, tracking_code FROM shipments"):
        codes.setdefault(number, set()).add(code)
    found = [
        Row(*row, tags.get(row[0], {}), frozenset(codes.get(row[0], ())))
        for row in connection.execute(
            "SELECT order_number, order_id, state, language, order_date, promised_delivery_date, "
            "created_at, delayed_from FROM orders ORDER BY order_number"
        )
    ]
    connection.close()
    return found


RANKS: dict[str, Callable[[Row], Any]] = {
    "id": lambda row: row.number,
    "order_date": lambda row: (row.order_date, row.number),
    "promised_delivery_date": lambda row: (row.promised is None, row.promised or 0, row.number),
    "created_at": lambda row: (row.created_at, row.number),
}


class Sample(NamedTuple):
    """Values to ask for, taken from the database."""

    order_ids: list[str]
    codes: list[str]
    numbers: list[int]


def sample_of(path: Path) -> Sample:
    """Values from all over a database, the same each time."""
    connection = connect(path, readonly=True)
    chance = random.Random(1)
    ((first, last),) = connection.execute("SELECT min(order_number), max(order_number) FROM orders")
    numbers = sorted(chance.randrange(first, last) for _ in range(500))

    def of_each(column: str, table: str) -> list[str]:
        sql = f"SELECT {column} FROM {table} WHERE account_id = 1 AND order_number >= ? LIMIT 1"
        return [value for number in numbers for (value,) in connection.execute(sql, (number,))]

    sample = Sample(of_each("order_id", "orders"), of_each("tracking_code", "shipments"), numbers)
    connection.close()
    return sample


class Ask:
    """Every documented filter of orders, at a random value each time."""

    def __init__(self, until: Instant, sample: Sample, chance: random.Random) -> None:
        self.until, self.sample, self.chance = until, sample, chance
        self.filters: dict[str, Callable[[], Asked]] = {
            "order_id": self.order_id,
            "state": self.state,
            "delayed": self.delayed,
            "language": self.language,
            "tracking_code": self.tracking_code,
            "order_tags": self.order_tags,
        }
        for field in ("order_date", "promised_delivery_date", "created_at"):
            for how in ("after", "before", "strictly_after", "strictly_before", "between"):
                self.filters[f"{field}[{how}]"] = self._time(field, how)

    def order_id(self) -> Asked:
        value = self.chance.choice(self.sample.order_ids)
        return f"order_id={value}", lambda row: row.order_id == value

    def state(self) -> Asked:
        value = self.chance.choice(ORDER_STATES)
        return f"state={value}", lambda row: row.state == value

    def delayed(self) -> Asked:
        value, until = self.chance.random() < 0.5, self.until
        return f"delayed={str(value).lower()}", lambda row: (row.delayed_from < until) == value

    def language(self) -> Asked:
        value = self.chance.choice(LANGUAGES)
        return f"language={value}", lambda row: row.language == value

    def tracking_code(self) -> Asked:
        value = self.chance.choice(self.sample.codes)
        return f"tracking_code={value}", lambda row: value in row.codes

    def order_tags(self) -> Asked:
        tag, value = self.chance.choice(TAGS), self.chance.choice("ab")
        return f"order_tags[{tag}]={value}", lambda row: row.tags.get(tag) == value

    def _time(self, field: str, how: str) -> Callable[[], Asked]:
        column = {"promised_delivery_date": "promised"}.get(field, field)
        after, before = ("after", "before") if how == "between" else (how, how)

        def ask() -> Asked:
            first = self.until - self.chance.randrange(SPAN)
            first -= first % DAY
            last = first + self.chance.choice([1, 7, 30, 200]) * DAY if how == "between" else first
            told = {after: first} if "after" in how or how == "between" else {}
            told |= {before: last} if "before" in how or how == "between" else {}
            query = "&".join(f"{field}[{way}]={format_time(at)}" for way, at in told.items())

            def fits(row: Row) -> bool:
                at = getattr(row, column)
                return at is not None and all(COMPARED[way](at, told[way]) for way in told)

            return query, fits

        return ask


COMPARED: dict[str, Callable[[int, int], bool]] = {
    "after": int.__ge__,
    "before": int.__le__,
    "strictly_after": int.__gt__,
    "strictly_before": int.__lt__,
}


def path_of(*queries: str, resource: str = "orders") -> str:
    return f"/v2/{resource}?" + quote("&".join(queries), safe="&=[]-:")


def path_after(query: str, number: int) -> str:
    """The page that a link leads to from the order of that number."""
    asked = [(name, value) for name, _, value in (one.partition("=") for one in query.split("&"))]
    link = next_link("/v2/orders", asked, Page("id", False, 100), Found(number, number, number))
    return link.split("<")[1].split(">")[0]
