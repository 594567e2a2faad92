"""Where a listing looks: the rows that a filter leads to, and the walk in the order asked for."""

import re
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from doorstep.domain.order import Instant
from doorstep.store.blocks import NUMBERS_IN_A_BLOCK, block_of
from doorstep.store.database import Connection
from doorstep.store.listing_fields import Condition, Filter, Listing
from doorstep.store.rows import NEVER

MOST_BLOCKS = 20_000
"""Block summaries that one search looks at: of some 80 million orders."""

NUMBER = re.compile(r":((?:first|last|after)_\w+)")
TEXT = re.compile(r":((?:value|key)_\w+)")
"""Values in the conditions of `listing_fields`, by what they are."""


class Page(Struct, frozen=True):
    """`after` is (value of the sort field, number) of the last row that was seen."""

    sort: str
    descending: bool
    limit: int
    offset: int = 0
    after: tuple[int, int] | None = None


class Source(Struct, frozen=True):
    """Rows to look through; `order` None where it is not the page's.

    Rows of the source fulfil the conditions that it `answers`; `ends` is False where there may be
    more of it than its statement can see.
    """

    tables: str
    owner: str
    find: str
    answers: frozenset[str]
    order: str | None = None
    repeats: bool = False
    ends: bool = True


class Search:
    """One listing's statements and their values."""

    def __init__(
        self,
        listing: Listing,
        account_id: int,
        filters: list[Filter],
        page: Page,
        now: Instant,
    ) -> None:
        self.listing = listing
        self.page = page
        self.conditions = listing.conditions(filters, now)
        self.sort = listing.sorts[page.sort]
        self.direction, self.beyond = ("DESC", "<") if page.descending else ("ASC", ">")
        self.ranges = [c for c in self.conditions if c.field in listing.ranges]
        self.walks = any(not c.by_block for c in self.ranges)
        self.all_blocks = True
        self.values: dict[str, Any] = {"account_id": account_id}
        for condition in self.conditions:
            self.values.update(condition.values)
        if page.after is not None:
            self.values["after_value"], self.values["after_number"] = page.after

    async def sources(self, connection: Connection) -> list[Source]:
        """What may answer, that of the fewest rows first and the walk last."""
        if self.page.sort != "id":
            walk = self._walk_by_value()
            found = [self._unordered(c) for c in self.conditions if c.check not in walk.answers]
            return [*found, walk]
        if self.ranges:
            self.all_blocks = await self._bound_blocks(connection)
        found = [self._by_number(condition) for condition in self.conditions]
        # Where a filter gives its rows in order of numbers, the walk only has more of them.
        in_order = any(source.order for source in found)
        return found if in_order and not self.walks else [*found, self._walk()]

    def _unordered(self, condition: Condition) -> Source:
        """The rows that a condition leads to, in an order of no use."""
        return Source(
            condition.tables,
            condition.owner,
            condition.find,
            frozenset() if condition.wider else frozenset({condition.check}),
            repeats=condition.repeats,
        )

    def _by_number(self, condition: Condition) -> Source:
        """The rows that a condition leads to, in order of their numbers where that can be."""
        source = self._unordered(condition)
        if not condition.by_number and not condition.by_block:
            return source
        return self._in_order(source, in_block=condition.by_block)

    def _walk(self) -> Source:
        """All rows in order of their numbers."""
        table = self.listing.table
        every = Source(table, table, f"{table}.account_id = :account_id", frozenset())
        return self._in_order(every)

    def _in_order(self, source: Source, in_block: bool = False) -> Source:
        """A source from the cursor on; block by block, where ranges tell which can match.

        `in_block`: the source's index gives the rows of a block, not of any span of numbers.
        """
        number = f"{source.owner}.{self.listing.number}"
        find, order = source.find, f"{number} {self.direction}"
        if self.page.after is not None:
            find += f" AND {number} {self.beyond} :after_number"
        if not self.ranges:
            return replace(source, find=find, order=order)
        # Each value is made one of the block: else PostgreSQL would rather search by values alone,
        # and throw away what is not of the block.
        find = NUMBER.sub(r":\1 + order_blocks.block * 0", find)
        find = TEXT.sub(r"CASE WHEN order_blocks.block < 0 THEN '' ELSE :\1 END", find)
        overlaps = "".join(
            f" AND order_blocks.first_{c.column} <= :last_{c.column}"
            f" AND order_blocks.last_{c.column} >= :first_{c.column}"
            for c in self.ranges
        )
        first = f"order_blocks.block * {NUMBERS_IN_A_BLOCK}"
        # `+ 0`: SQLite compares an indexed expression by its index only to another expression.
        within = (
            f"{number} / {NUMBERS_IN_A_BLOCK} = order_blocks.block + 0"
            if in_block
            else f"{number} BETWEEN {first} AND {first} + {NUMBERS_IN_A_BLOCK - 1}"
        )
        return replace(
            source,
            tables=f"order_blocks CROSS JOIN {source.tables}",
            find="order_blocks.account_id = :account_id "
            f"AND order_blocks.block BETWEEN :first_block AND :last_block{overlaps} "
            f"AND {find} AND {within}",
            order=f"order_blocks.block {self.direction}, {order}",
            ends=self.all_blocks,
        )

    def _walk_by_value(self) -> Source:
        """All rows along an index on the sort field; a filter of the same field bounds it."""
        table, after = self.listing.table, self.page.after
        sort, number = f"{table}.{self.sort}", f"{table}.{self.listing.number}"
        find = f"{table}.account_id = :account_id"
        narrowing = next((c for c in self.conditions if c.column == self.sort), None)
        first, last = -NEVER, NEVER
        if narrowing is not None:
            first, last = narrowing.values.values()
            find = narrowing.find
        # A cursor from before the range, in the page's direction, leaves all of it to come.
        if after is not None and (after[0] <= last if self.page.descending else after[0] >= first):
            # Not BETWEEN: only so do both bounds and the cursor lead into the index.
            find = (
                f"{table}.account_id = :account_id "
                f"AND ({sort}, {number}) {self.beyond} (:after_value, :after_number)"
            )
            if narrowing is not None:
                bound = (
                    f">= :first_{self.sort}" if self.page.descending else f"<= :last_{self.sort}"
                )
                find = f"{find} AND {sort} {bound}"
        answers = frozenset({narrowing.check} if narrowing else ())
        order = f"{sort} {self.direction}, {number} {self.direction}"
        return Source(table, table, find, answers, order)

    async def _bound_blocks(self, connection: Connection) -> bool:
        """Sets the blocks that are looked at; whether they reach to the end."""
        first, last = 0, NEVER
        way, at = ("before", last) if self.page.descending else ("after", first)
        if self.page.after is not None:
            at = block_of(self.page.after[1])
        rows = await connection.rows(
            f"nth_order_block_{way}",
            account_id=self.values["account_id"],
            block=at,
            blocks=MOST_BLOCKS,
        )
        bound = rows[0][0] if rows else None
        if self.page.descending:
            first, last = bound or first, at
        else:
            first, last = at, bound or last
        self.values["first_block"], self.values["last_block"] = first, last
        return bound is None

    def count(self, source: Source) -> str:
        """How many rows a source has, counted no further than `:most`."""
        return (
            f"SELECT count(*) FROM (SELECT 1 FROM {source.tables} WHERE {source.find} "
            "LIMIT :most) AS counted"
        )

    def rows(self, source: Source) -> str:
        """The page, out of a source's first `:most` rows."""
        number = self.listing.number
        checks = [c for c in self.conditions if c.check not in source.answers]
        tests = [c.check for c in checks]
        if self.page.after is not None and source.order is None:
            tests.append(
                f"(listed.{self.sort}, listed.{number}) {self.beyond} (:after_value, :after_number)"
            )
        columns = dict.fromkeys(["order_number", number, self.sort, *(c.column for c in checks)])
        read = ", ".join(
            f"{source.owner if column == number else self.listing.table}.{column} AS {column}"
            for column in columns
            if column
        )
        order = dict.fromkeys(f"listed.{name} {self.direction}" for name in (self.sort, number))
        return (
            f"SELECT {'DISTINCT ' if source.repeats else ''}"
            f"listed.{self.sort}, listed.{number}, listed.order_number "
            f"FROM (SELECT {read} FROM {source.tables} WHERE {source.find} "
            f"{f'ORDER BY {source.order} ' if source.order else ''}LIMIT :most) AS listed "
            f"{'WHERE ' if tests else ''}{' AND '.join(tests)} "
            f"ORDER BY {', '.join(order)} LIMIT :limit OFFSET :offset"
        )
