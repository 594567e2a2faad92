"""Loading what a group of requests will work on, so that no other process changes it meanwhile.

First whatever names the group's orders is held and resolved, then the orders are held and read:
what was read before they were held might have changed since.
"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from typing import Any

import msgspec

from doorstep.domain.order import DAY, Instant
from doorstep.store.database import Conflicted, Connection, Read, Rows, Writer
from doorstep.store.rows import order_of
from doorstep.store.working_set import Answer, EarlyUpdate, Needs, RememberedAnswer, WorkingSet

KEPT_EARLY = 14 * DAY
"""How long an update waits for the shop to post its parcel."""

KEPT_ANSWERS = DAY
"""How long an `Idempotency-Key` is remembered."""

MOST_EARLY_COUNTED = 1_000_001

PARCEL_NAMES = ("tracking_code", "reference_number")


async def load_working_set(writer: Writer, needs: Iterable[Needs], now: Instant) -> WorkingSet:
    """Everything that a group named, at most one query a table and account."""
    work = WorkingSet()
    by_account = sorted(needs, key=lambda need: need.account_id)
    loadings = [
        Loading(work, account_id, list(group), now)
        for account_id, group in groupby(by_account, key=lambda need: need.account_id)
    ]
    if not writer.is_alone:
        for loading in loadings:
            await writer.hold_names(loading.account_id, loading.names())
    await _read(writer, loadings, Loading.resolve)
    if not writer.is_alone:
        for loading in loadings:
            if loading.numbers:
                await writer.hold_orders(loading.account_id, sorted(loading.numbers))
            loading.check()
    await _read(writer, loadings, Loading.load)
    return work


async def _read(
    connection: Connection, loadings: "list[Loading]", ask: Callable[["Loading"], None]
) -> None:
    """Lets each loading ask, and gives all the answers."""
    for loading in loadings:
        ask(loading)
    asked = [(loading, read, take) for loading in loadings for read, take in loading.asked]
    if not asked:
        return
    answers = await connection.together([read for _, read, _ in asked])
    for (_, _, take), rows in zip(asked, answers, strict=True):
        take(rows)
    for loading in loadings:
        loading.asked = []


class Loading:
    """What a group named of one account; `numbers` are those of its orders, as far as resolved."""

    def __init__(self, work: WorkingSet, account_id: int, group: list[Needs], now: Instant) -> None:
        self.work = work
        self.account_id = account_id
        self.group = group
        self.now = now
        self.numbers = {number for need in group for number in need.order_numbers}
        self.asked: list[tuple[Read, Callable[[Rows], None]]] = []
        self._parcel_names = list({name for need in group for _, name in need.parcel_names})
        self._bearers: Rows = []

    def names(self) -> list[str]:
        """All names that may lead to an order, or will, each with the kind of name that it is."""
        return [
            *(f"order {name}" for need in self.group for name in need.order_ids),
            *(f"parcel {name}" for name in self._parcel_names),
            *(f"key {need.idempotency_key}" for need in self.group if need.idempotency_key),
        ]

    def _ask(self, query: str, take: Callable[[Rows], None], **values: Any) -> None:
        self.asked.append(((query, {"account_id": self.account_id, **values}), take))

    def resolve(self) -> None:
        """Asks for the internal numbers of all orders that the group names in whatever way."""
        group, work = self.group, self.work
        order_ids = list({name for need in group for name in need.order_ids})
        items = [number for need in group for number in need.item_numbers]
        shipments = [number for need in group for number in need.shipment_numbers]
        for query, values, place in (
            ("order_numbers_of_order_ids", {"order_ids": order_ids}, work.number_of_order_id),
            ("order_numbers_of_items", {"item_numbers": items}, work.order_of_item),
            ("order_numbers_of_shipments", {"shipment_numbers": shipments}, work.order_of_shipment),
        ):
            if any(values.values()):
                self._ask(query, partial(self._take_numbers, place), **values)
        if self._parcel_names:
            self._ask("load_shipment_names", self._take_bearers, names=self._parcel_names)

    def _take_numbers(self, place: dict[tuple[int, Any], int], rows: Rows) -> None:
        for name, number in rows:
            place[self.account_id, name] = number
            self.numbers.add(number)

    def _take_bearers(self, rows: Rows) -> None:
        self._bearers = rows
        for kind, name, carrier, number, shipment in rows:
            self.work.holders[self.account_id, kind, name][carrier] = (number, shipment)
            self.numbers.add(number)

    def check(self) -> None:
        """Asks once more who bears the parcels' names, now that their orders are held."""
        if self._parcel_names:
            self._ask("load_shipment_names", self._compare_bearers, names=self._parcel_names)

    def _compare_bearers(self, rows: Rows) -> None:
        if sorted(rows) != sorted(self._bearers):
            raise Conflicted("a parcel's name has just passed to another parcel")

    def load(self) -> None:
        """Asks for the orders whole, kept answers and the updates that wait for parcels."""
        if self.numbers:
            self._ask("load_orders", self._take_orders, order_numbers=sorted(self.numbers))
        keys = [need.idempotency_key for need in self.group if need.idempotency_key]
        if keys:
            after = self.now - KEPT_ANSWERS
            self._ask("load_answers", self._take_answers, idempotency_keys=keys, after=after)
        if any(need.keeps_early and self._is_unknown(need) for need in self.group):
            after = self.now - KEPT_EARLY
            self._ask("count_early", self._take_count, after=after, most=MOST_EARLY_COUNTED)
        for kind in PARCEL_NAMES:
            names = [name for need in self.group for of, name in need.parcel_names if of == kind]
            if names:
                self._ask(f"load_early_by_{kind}", self._take_early, names=names)

    def _is_unknown(self, need: Needs) -> bool:
        """Whether none of a need's parcel names is borne by a parcel."""
        return not any(
            self.work.holders.get((self.account_id, *name)) for name in need.parcel_names
        )

    def _take_orders(self, rows: Rows) -> None:
        self.work.add_loaded(self.account_id, [order_of(row) for row in rows])

    def _take_answers(self, rows: Rows) -> None:
        for key, request_hash, answer, order_number in rows:
            kept = msgspec.json.decode(answer, type=Answer) if answer else None
            self.work.answers[self.account_id, key] = RememberedAnswer(
                request_hash, kept, order_number
            )

    def _take_count(self, rows: Rows) -> None:
        """How many updates wait, where one more may come."""
        self.work.early_counts[self.account_id] = rows[0][0]

    def _take_early(self, rows: Rows) -> None:
        for number, code, carrier, reference, said, recorded_at in rows:
            if recorded_at > self.now - KEPT_EARLY:
                self.work.early[self.account_id, number] = EarlyUpdate(
                    number, code, carrier, reference, msgspec.json.decode(said), recorded_at
                )
