"""An explanation in words, with moments in a time zone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

from msgspec import Struct

from doorstep.domain import explanation_sentences as s
from doorstep.domain import reasons as r
from doorstep.domain.order import Instant
from doorstep.domain.promise import EPOCH


def in_english(sentence: str) -> str:
    return sentence


class Telling(Struct, frozen=True):
    """When, where and in which language an explanation is told: `say` looks a sentence up."""

    now: Instant
    time_zone: ZoneInfo
    say: Callable[[str], str] = in_english

    def text(self, sentence: str, **named: object) -> str:
        return self.say(sentence) % named

    def moment(self, instant: Instant) -> str:
        """`20 January, 23:59`, cut to the minute; with its year where that is not this one."""
        local = self._local(instant)
        is_this_year = local.year == self._local(self.now).year
        return self.text(
            s.MOMENT if is_this_year else s.MOMENT_OF_ANOTHER_YEAR,
            day=local.day,
            month=self.say(s.MONTHS[local.month - 1]),
            year=local.year,
            time=f"{local:%H:%M}",
        )

    def duration(self, seconds: int) -> str:
        for unit in s.UNITS:
            count = seconds // unit.seconds
            if count >= unit.least:
                return self.text(unit.one if count == 1 else unit.many, count=count)
        return self.say(s.NO_TIME)

    def _local(self, instant: Instant) -> datetime:
        return (EPOCH + timedelta(microseconds=instant)).astimezone(self.time_zone)


def explanation_text(reasons: tuple[r.Reason, ...], telling: Telling) -> str:
    """All reasons in one text; what completes the order stands together in one sentence."""
    sentences = []
    waits = [reason for reason in reasons if isinstance(reason, r.Condition)]
    if waits:
        conditions = reduce(
            lambda first, second: telling.text(s.BOTH, first=first, second=second),
            (_condition(reason, telling) for reason in waits),
        )
        match waits[0]:
            case r.WaitsForFirstParcel(parcels=parcels):
                sentence = s.SHIPS[parcels > 0]
            case _:
                sentence = s.COMPLETES
        sentences.append(telling.text(sentence, conditions=conditions))
    rest = [reason for reason in reasons if not isinstance(reason, r.Condition)]
    return " ".join([*sentences, *(reason_text(reason, telling) for reason in rest)])


def _condition(reason: r.Condition, telling: Telling) -> str:
    match reason:
        case r.WaitsForFirstParcel():
            return telling.say(s.ALL_DELIVERED)
        case r.WaitsForDeliveries():
            return _deliveries(s.DELIVERED, reason, telling)
        case r.WaitsForBoardingComplete():
            return telling.say(s.BOARDING)


def reason_text(reason: r.Reason, telling: Telling) -> str:
    """One reason as a sentence that is true by itself."""
    match reason:
        case r.WaitsForFirstParcel(parcels=parcels):
            return telling.say(s.WAITS_FOR_FIRST[parcels > 0])
        case r.WaitsForDeliveries():
            return _deliveries(s.WAITS_FOR_DELIVERIES, reason, telling)
        case r.WaitsForBoardingComplete():
            return telling.say(s.WAITS_FOR_BOARDING)
        case r.ParcelLost(parcels=parcels):
            return telling.text(s.ONE_LOST if parcels == 1 else s.LOST, parcels=parcels)
        case r.ParcelReturnedToSender(parcels=parcels):
            sentence = s.ONE_RETURNED if parcels == 1 else s.RETURNED_TO_SENDER
            return telling.text(sentence, parcels=parcels)
        case r.DeliveryAssumed(parcels=parcels, assumed_delivered_at=assumed_at):
            sentence = s.ONE_ASSUMED if parcels == 1 else s.ASSUMED
            return telling.text(sentence, parcels=parcels, moment=telling.moment(assumed_at))
        case r.Ended(state=state, ended_at=ended_at):
            return telling.text(s.ENDED[state], moment=telling.moment(ended_at))
    return _promise_text(reason, telling)


def _promise_text(
    reason: r.Promised | r.LateSince | r.PromiseKept | r.PromiseMissed, telling: Telling
) -> str:
    moment = telling.moment(reason.promised_delivery_date)
    match reason:
        case r.Promised():
            return telling.text(s.PROMISED, moment=moment)
        case r.PromiseKept():
            return telling.text(s.KEPT, moment=moment)
        case r.LateSince(late_seconds=seconds):
            return telling.text(s.LATE_SINCE, duration=telling.duration(seconds), moment=moment)
        case r.PromiseMissed(late_seconds=late):
            if late is None:
                return telling.text(s.LATE_BY_THEN, moment=moment)
            return telling.text(s.DELIVERED_LATE, duration=telling.duration(late), moment=moment)


def _deliveries(words: s.Parcels, reason: r.WaitsForDeliveries, telling: Telling) -> str:
    missing, counted = reason.missing_parcels, reason.counted_parcels
    if missing == counted:
        sentence = words.the_only_one if counted == 1 else words.all_of_them
    else:
        sentence = words.one_more if missing == 1 else words.some_more
    return telling.text(sentence, missing=missing, parcels=counted)
