"""Why an order is where it is: what it waits for, as data. The words are in explanation_words."""

from collections.abc import Iterator
from typing import ClassVar, TypeAlias, get_args

from msgspec import Struct

from doorstep.domain.decide.follow import assumed_deliveries
from doorstep.domain.order import SECOND, Instant, Order
from doorstep.domain.states import COMPLETED, OPEN, SHIPPED


class WaitsForFirstParcel(Struct, frozen=True):
    """It is shipped with its first counted parcel; none of its `parcels` is counted."""

    code: ClassVar[str] = "waits_for_first_parcel"
    parcels: int


class WaitsForDeliveries(Struct, frozen=True):
    """It is not completed before all counted parcels are delivered."""

    code: ClassVar[str] = "waits_for_deliveries"
    missing_parcels: int
    counted_parcels: int


class WaitsForBoardingComplete(Struct, frozen=True):
    """It is not completed before `boarding_complete` is no longer false."""

    code: ClassVar[str] = "waits_for_boarding_complete"


class ParcelLost(Struct, frozen=True):
    """So many counted parcels are lost and keep it from being completed."""

    code: ClassVar[str] = "parcel_lost"
    parcels: int


class ParcelReturnedToSender(Struct, frozen=True):
    """So many counted parcels went back to the sender and keep it from being completed."""

    code: ClassVar[str] = "parcel_returned_to_sender"
    parcels: int


class DeliveryAssumed(Struct, frozen=True):
    """So many counted parcels without tracking count as delivered, the first from that moment."""

    code: ClassVar[str] = "delivery_assumed"
    parcels: int
    assumed_delivered_at: Instant


class Promised(Struct, frozen=True):
    """It is open and still in time."""

    code: ClassVar[str] = "promised"
    promised_delivery_date: Instant


class LateSince(Struct, frozen=True):
    """It is open and its promise has passed, so many whole seconds ago."""

    code: ClassVar[str] = "late_since"
    promised_delivery_date: Instant
    late_seconds: int


class PromiseKept(Struct, frozen=True):
    """It was completed in time."""

    code: ClassVar[str] = "promise_kept"
    promised_delivery_date: Instant


class PromiseMissed(Struct, frozen=True):
    """It was completed so many whole seconds late; without that figure, it ended late."""

    code: ClassVar[str] = "promise_missed"
    promised_delivery_date: Instant
    late_seconds: int | None


class Ended(Struct, frozen=True):
    """It waits for nothing: its `state` is completed, or one that parcels no longer move."""

    code: ClassVar[str] = "ended"
    state: str
    ended_at: Instant


Condition: TypeAlias = WaitsForFirstParcel | WaitsForDeliveries | WaitsForBoardingComplete
"""What an open order must see before it is completed."""

Reason: TypeAlias = (
    Condition
    | ParcelLost
    | ParcelReturnedToSender
    | DeliveryAssumed
    | Promised
    | LateSince
    | PromiseKept
    | PromiseMissed
    | Ended
)

REASONS: tuple[type[Reason], ...] = get_args(Reason)
"""All kinds, in the order of telling."""


def explanation(
    order: Order, now: Instant, untrackable_days: int | None = None
) -> tuple[Reason, ...]:
    """What the order waits for, in the order of telling; it must be up to `now` (`as_of_now`).

    `untrackable_days` is the account's, as for `decide`. An open order has a `Condition` at least,
    and is completed once none is left.
    """
    if order.state in OPEN:
        return (
            *_conditions(order),
            *_held_up(order),
            *_assumed(order, untrackable_days),
            *_open_promise(order, now),
        )
    return (Ended(order.state, order.history[-1].datetime), *_closed_promise(order))


def _conditions(order: Order) -> Iterator[Condition]:
    counted = order.counted_shipments
    missing = sum(not parcel.delivered for parcel in counted)
    if order.state != SHIPPED:
        yield WaitsForFirstParcel(len(order.shipments))
    elif missing:
        yield WaitsForDeliveries(missing, len(counted))
    if order.boarding_complete is False:
        yield WaitsForBoardingComplete()


def _held_up(order: Order) -> Iterator[Reason]:
    statuses = [parcel.status for parcel in order.counted_shipments]
    if lost := statuses.count("lost"):
        yield ParcelLost(lost)
    if returned := statuses.count("returned_to_sender"):
        yield ParcelReturnedToSender(returned)


def _assumed(order: Order, untrackable_days: int | None) -> Iterator[Reason]:
    if untrackable_days is None:
        return
    counted = order.counted_shipments
    due = [at for at, parcel in assumed_deliveries(order, untrackable_days) if parcel in counted]
    if due:
        yield DeliveryAssumed(len(due), due[0])


def _open_promise(order: Order, now: Instant) -> Iterator[Reason]:
    if order.delayed_at is not None:
        yield LateSince(order.delayed_at, (now - order.delayed_at) // SECOND)
    elif order.promised_delivery_date is not None:
        yield Promised(order.promised_delivery_date)


def _closed_promise(order: Order) -> Iterator[Reason]:
    if order.delayed_at is not None:
        delivered_at = order.completed_at if order.state == COMPLETED else None
        late = None if delivered_at is None else (delivered_at - order.delayed_at) // SECOND
        yield PromiseMissed(order.delayed_at, late)
    elif order.promised_delivery_date is not None and order.state == COMPLETED:
        yield PromiseKept(order.promised_delivery_date)
