"""An explanation in English, with moments in a time zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from doorstep.domain import reasons as r
from doorstep.domain.order import Instant
from doorstep.domain.promise import EPOCH

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

UNITS = (("day", 86_400, 2), ("hour", 3_600, 1), ("minute", 60, 1))
"""Units of a duration with their seconds, and the least count that is told in them."""


class Telling(Struct, frozen=True):
    """When and where an explanation is told."""

    now: Instant
    time_zone: ZoneInfo

    def moment(self, instant: Instant) -> str:
        """`20 January, 23:59`, cut to the minute; with its year where that is not this one."""
        local = self._local(instant)
        year = "" if local.year == self._local(self.now).year else f" {local.year}"
        return f"{local.day} {MONTHS[local.month - 1]}{year}, {local:%H:%M}"

    def _local(self, instant: Instant) -> datetime:
        return (EPOCH + timedelta(microseconds=instant)).astimezone(self.time_zone)


def explanation_text(reasons: tuple[r.Reason, ...], telling: Telling) -> str:
    """All reasons in one text; what completes the order stands together in one sentence."""
    sentences = []
    waits = [reason for reason in reasons if isinstance(reason, r.Condition)]
    if waits:
        completes = f"completes when {' and '.join(_condition(reason) for reason in waits)}."
        match waits[0]:
            case r.WaitsForFirstParcel() as first:
                sentences.append(f"Ships with {_first(first)}; {completes}")
            case _:
                sentences.append(f"C{completes[1:]}")
    rest = [reason for reason in reasons if not isinstance(reason, r.Condition)]
    return " ".join([*sentences, *(reason_text(reason, telling) for reason in rest)])


def _condition(reason: r.Condition) -> str:
    match reason:
        case r.WaitsForFirstParcel():
            return "all its parcels are delivered"
        case r.WaitsForDeliveries(missing_parcels=missing):
            return f"{_missing(reason)} {'is' if missing == 1 else 'are'} delivered"
        case r.WaitsForBoardingComplete():
            return "boarding is marked complete"


def reason_text(reason: r.Reason, telling: Telling) -> str:
    """One reason as a sentence that is true by itself."""
    match reason:
        case r.WaitsForFirstParcel():
            return f"Waits for {_first(reason)}."
        case r.WaitsForDeliveries():
            return f"Waits for {_missing(reason)} to be delivered."
        case r.WaitsForBoardingComplete():
            return "Waits for boarding to be marked complete."
        case r.ParcelLost(parcels=parcels):
            return _held_up(parcels, "lost")
        case r.ParcelReturnedToSender(parcels=parcels):
            return _held_up(parcels, "returned to the sender")
        case r.DeliveryAssumed(parcels=1, assumed_delivered_at=moment):
            return f"1 parcel without tracking counts as delivered from {telling.moment(moment)}."
        case r.DeliveryAssumed(parcels=parcels, assumed_delivered_at=moment):
            first = telling.moment(moment)
            return f"{parcels} parcels without tracking count as delivered, the first from {first}."
        case r.Ended(state=state, ended_at=ended_at):
            return f"{state.capitalize()} {telling.moment(ended_at)}."
    return _promise_text(reason, telling)


def _promise_text(
    reason: r.Promised | r.LateSince | r.PromiseKept | r.PromiseMissed, telling: Telling
) -> str:
    moment = telling.moment(reason.promised_delivery_date)
    promised = f"promised {moment}."
    match reason:
        case r.Promised():
            return f"Promised {moment}."
        case r.LateSince(late_seconds=seconds):
            return f"Late since {_duration(seconds)}: {promised}"
        case r.PromiseKept():
            return f"In time: {promised}"
        case r.PromiseMissed(late_seconds=seconds):
            late = (
                "It was late by then" if seconds is None else f"Delivered {_duration(seconds)} late"
            )
            return f"{late}: {promised}"


def _first(reason: r.WaitsForFirstParcel) -> str:
    return "its first parcel that is counted" if reason.parcels else "its first parcel"


def _missing(reason: r.WaitsForDeliveries) -> str:
    missing, counted = reason.missing_parcels, reason.counted_parcels
    if missing < counted:
        return f"{missing} more of {counted} parcels"
    return "its parcel" if counted == 1 else f"its {counted} parcels"


def _held_up(parcels: int, how: str) -> str:
    if parcels == 1:
        return f"1 parcel was {how}: the order waits for it as long as it is counted."
    return f"{parcels} parcels were {how}: the order waits for them as long as they are counted."


def _duration(seconds: int) -> str:
    for unit, unit_seconds, least in UNITS:
        count = seconds // unit_seconds
        if count >= least:
            return f"1 {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"
