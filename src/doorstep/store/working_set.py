"""The orders that a group of requests works on, between loading and writing them."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from doorstep.domain.commands import Holder, Holders, ParcelName
from doorstep.domain.decide import Decision, as_of_now
from doorstep.domain.decide.shipments import names_of
from doorstep.domain.events import AccountEvent, Event
from doorstep.domain.order import Fields, Instant, Order, Shipment, internal_number
from doorstep.domain.shipment_status import final_since


class Needs(Struct, frozen=True):
    """What a request may need of its account, named before anything is decided.

    `parcel_names` are (kind, name) whatever the carrier; the updates that came before their
    parcel are loaded by the same names. `keeps_early`: it may add one more of these.
    """

    account_id: int
    order_ids: tuple[str, ...] = ()
    order_numbers: tuple[int, ...] = ()
    item_numbers: tuple[int, ...] = ()
    shipment_numbers: tuple[int, ...] = ()
    parcel_names: tuple[tuple[str, str], ...] = ()
    keeps_early: bool = False
    idempotency_key: str | None = None


class EarlyUpdate(Struct, frozen=True):
    """An update for a parcel that the shop has not posted; `carrier_update` as it was given."""

    update_number: int
    tracking_code: str | None
    carrier: str
    reference_number: str | None
    carrier_update: Fields
    recorded_at: Instant


class Answer(Struct, frozen=True):
    """The first answer to a request with an `Idempotency-Key`, kept to be given again."""

    status: int
    headers: dict[str, str]
    body: str


class RememberedAnswer(Struct, frozen=True):
    """`answer` is None once it was erased with its order."""

    request_hash: str
    answer: Answer | None
    order_number: int | None = None


class Recorded(Struct, frozen=True):
    """An event with the order that it belongs to: 0 and "" for one of the account itself."""

    account_id: int
    order_number: int
    order_id: str
    event: Event | AccountEvent
    recorded_at: Instant


class WorkingSet:
    """Loaded orders as they are now, beside what they were; members of a group see each other.

    Keys are (account_id, …): nothing of one account is found from another.
    """

    def __init__(self) -> None:
        self.orders: dict[tuple[int, int], Order] = {}
        self.loaded: dict[tuple[int, int], Order] = {}
        self.touched: dict[tuple[int, int], None] = {}
        self.number_of_order_id: dict[tuple[int, str], int] = {}
        self.order_of_item: dict[tuple[int, int], int] = {}
        self.order_of_shipment: dict[tuple[int, int], int] = {}
        self.holders: dict[tuple[int, str, str], dict[str, tuple[int, int]]] = defaultdict(dict)
        self.taken_names: dict[tuple[int, ParcelName], None] = {}
        self.released_names: dict[tuple[int, ParcelName, int], None] = {}
        self.recipients: dict[tuple[int, int], dict[int, Fields]] = defaultdict(dict)
        self.events: list[Recorded] = []
        self.early: dict[tuple[int, int], EarlyUpdate] = {}
        self.early_counts: dict[int, int] = {}
        self.new_early: dict[tuple[int, int], EarlyUpdate] = {}
        self.used_early: dict[tuple[int, int], None] = {}
        self.answers: dict[tuple[int, str], RememberedAnswer] = {}
        self.new_answers: dict[tuple[int, str], tuple[RememberedAnswer, Instant]] = {}

    def add_loaded(self, account_id: int, orders: Iterable[Order]) -> None:
        for order in orders:
            self.orders[account_id, order.order_number] = order
            self.loaded[account_id, order.order_number] = order

    @property
    def latest(self) -> Instant:
        """The latest instant at which any of the loaded orders was changed."""
        return max((order.updated_at for order in self.loaded.values()), default=0)

    def order(self, account_id: int, name: str) -> Order | None:
        """The order by the shop's `order_id`, else by doorstep's number."""
        return self.order_called(account_id, name) or self.order_numbered(account_id, name)

    def order_called(self, account_id: int, order_id: str) -> Order | None:
        number = self.number_of_order_id.get((account_id, order_id))
        return None if number is None else self.orders.get((account_id, number))

    def order_numbered(self, account_id: int, name: str) -> Order | None:
        number = internal_number(name)
        return None if number is None else self.orders.get((account_id, number))

    def order_with_item(self, account_id: int, item_number: int) -> Order | None:
        number = self.order_of_item.get((account_id, item_number))
        return None if number is None else self.orders.get((account_id, number))

    def order_with_shipment(self, account_id: int, shipment_number: int) -> Order | None:
        number = self.order_of_shipment.get((account_id, shipment_number))
        return None if number is None else self.orders.get((account_id, number))

    def parcels_named(
        self, account_id: int, kind: str, name: str
    ) -> list[tuple[str, Order, Shipment]]:
        """Who bears the name now: (carrier's key, order, shipment), one for each carrier."""
        found = []
        for carrier, (order_number, number) in self.holders[account_id, kind, name].items():
            order = self.orders.get((account_id, order_number))
            parcel = order.shipment(number) if order else None
            if order and parcel:
                found.append((carrier, order, parcel))
        return found

    def holders_of(
        self,
        account_id: int,
        names: Iterable[ParcelName],
        now: Instant,
        untrackable_days: int | None,
    ) -> Holders:
        """Who bears these names now, each parcel as it is at `now`."""
        held = {}
        for name in names:
            for carrier, order, parcel in self.parcels_named(account_id, name.kind, name.name):
                if carrier == name.carrier:
                    held[name] = Holder(
                        order.order_number,
                        order.order_id,
                        parcel.shipment_number,
                        final_at(order, parcel, now, untrackable_days),
                    )
        return held

    def apply(
        self, account_id: int, before: Order | None, decision: Decision, now: Instant
    ) -> None:
        """Takes a decision over: the order after it, its events, its personal data."""
        after = decision.order
        order = after or before
        if order is None or not decision.events:
            return
        key = (account_id, order.order_number)
        self.touched[key] = None
        self.recipients[key].update(decision.recipients)
        self.events += [
            Recorded(account_id, order.order_number, order.order_id, event, now)
            for event in decision.events
        ]
        self._name(account_id, before, after)
        if after is None:
            del self.orders[key]
            self._erase_answers(account_id, order.order_number)
        else:
            self.orders[key] = after

    def _erase_answers(self, account_id: int, order_number: int) -> None:
        """Members that come later in the group find the keys, but not what was answered."""
        for (account, key), known in self.answers.items():
            if account == account_id and known.order_number == order_number:
                self.answers[account, key] = erased = replace(known, answer=None)
                if (account, key) in self.new_answers:
                    self.new_answers[account, key] = (erased, self.new_answers[account, key][1])

    def _name(self, account_id: int, before: Order | None, after: Order | None) -> None:
        """Keeps the ways to find an order and its parts equal to what it is now."""
        if before is not None and after is None:
            self.number_of_order_id.pop((account_id, before.order_id), None)
        if after is not None and before is None:
            self.number_of_order_id[account_id, after.order_id] = after.order_number
        had, has = before.shipments if before else (), after.shipments if after else ()
        if had is not has:
            self._name_parcels(account_id, after or before, had, has)
        if after is not None and (before is None or before.items is not after.items):
            for item in after.items:
                self.order_of_item[account_id, item.item_number] = after.order_number

    def _name_parcels(
        self,
        account_id: int,
        order: Order | None,
        had: tuple[Shipment, ...],
        has: tuple[Shipment, ...],
    ) -> None:
        assert order is not None
        old = {(name, parcel.shipment_number) for parcel in had for name in names_of(parcel)}
        new = {(name, parcel.shipment_number) for parcel in has for name in names_of(parcel)}
        for name, number in old - new:
            bearers = self.holders[account_id, name.kind, name.name]
            if bearers.get(name.carrier) == (order.order_number, number):
                del bearers[name.carrier]
            self.released_names[account_id, name, number] = None
        for name, number in new - old:
            bearers = self.holders[account_id, name.kind, name.name]
            bearers[name.carrier] = (order.order_number, number)
            self.taken_names[account_id, name] = None
        for parcel in has:
            self.order_of_shipment[account_id, parcel.shipment_number] = order.order_number

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.events or self.new_early or self.used_early or self.new_answers)

    def early_for(self, account_id: int, names: Iterable[ParcelName]) -> list[EarlyUpdate]:
        """The kept updates that speak of a parcel with these names, in order of arrival."""
        wanted = list(names)
        return sorted(
            (
                update
                for (account, number), update in self.early.items()
                if account == account_id
                and (account, number) not in self.used_early
                and any(_speaks_of(update, name) for name in wanted)
            ),
            key=lambda update: (update.recorded_at, update.update_number),
        )

    def keep_early(self, account_id: int, update: EarlyUpdate) -> None:
        self.early[account_id, update.update_number] = update
        self.new_early[account_id, update.update_number] = update
        self.early_counts[account_id] = self.early_counts.get(account_id, 0) + 1

    def use_early(self, account_id: int, update: EarlyUpdate) -> None:
        self.used_early[account_id, update.update_number] = None

    def remember(
        self, account_id: int, key: str, remembered: RememberedAnswer, now: Instant
    ) -> None:
        self.answers[account_id, key] = remembered
        self.new_answers[account_id, key] = (remembered, now)


def _speaks_of(update: EarlyUpdate, name: ParcelName) -> bool:
    if name.kind == "reference_number":
        return update.reference_number == name.name
    same_carrier = not update.carrier or not name.carrier or update.carrier == name.carrier
    return update.tracking_code == name.name and same_carrier


def final_at(
    order: Order, parcel: Shipment, now: Instant, untrackable_days: int | None
) -> Instant | None:
    """Since when a parcel is final, also where only the clock has made it so."""
    current = as_of_now(order, now, untrackable_days).shipment(parcel.shipment_number)
    return final_since(current or parcel)
