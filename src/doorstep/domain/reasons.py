"""What an order may be said to wait for, and how it stands: the reasons of an explanation."""

from typing import ClassVar, TypeAlias, get_args

from msgspec import Struct

from doorstep.domain.order import Instant


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


class Ended(Struct, frozen=True):
    """It waits for nothing: its `state` is completed, or one that parcels no longer move."""

    code: ClassVar[str] = "ended"
    state: str
    ended_at: Instant


class PromiseKept(Struct, frozen=True):
    """It was completed in time."""

    code: ClassVar[str] = "promise_kept"
    promised_delivery_date: Instant


class PromiseMissed(Struct, frozen=True):
    """It was completed so many whole seconds late; without that figure, it ended late."""

    code: ClassVar[str] = "promise_missed"
    promised_delivery_date: Instant
    late_seconds: int | None


Condition: TypeAlias = WaitsForFirstParcel | WaitsForDeliveries | WaitsForBoardingComplete
"""What an open order must see before it is completed."""

Reason: TypeAlias = (
    Condition
    | ParcelLost
    | ParcelReturnedToSender
    | DeliveryAssumed
    | Promised
    | LateSince
    | Ended
    | PromiseKept
    | PromiseMissed
)

REASONS: tuple[type[Reason], ...] = get_args(Reason)
"""All kinds, in the order of telling."""
