"""An overview's figures, made of what was counted: pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from doorstep.domain.order import SECOND, Instant
from doorstep.store.overview import Count, Promises, SilentParcels
from doorstep.times import last_of_day, local_time, start_of_day

MEDIAN, NINE_OF_TEN = 50, 90
MOST_CARRIERS = 10


class Day(Struct, frozen=True):
    """A day where the shop is; `last` is its last microsecond."""

    date: date
    first: Instant
    last: Instant


class CarrierTimes(Struct, frozen=True):
    """How long a carrier's parcels took, in seconds: half of them at most, nine of ten at most."""

    carrier: str
    parcels: int
    median_seconds: int
    nine_of_ten_seconds: int


class DayCount(Struct, frozen=True):
    date: date
    orders: Count


class Overview(Struct, frozen=True):
    """`days` and what is of the past go back 30 days; `states` are those of all orders.

    `silent` parcels were last heard of `silent_days` ago or longer. `carriers_are_all` is False
    where only the newest parcels were looked at.
    """

    as_of: Instant
    days: list[DayCount]
    promises: Promises
    states: dict[str, Count]
    delayed: Count
    silent_days: int
    silent: SilentParcels
    carriers: list[CarrierTimes]
    carriers_are_all: bool


def last_days(now: Instant, count: int, time_zone: ZoneInfo) -> list[Day]:
    """So many days up to today; one on which clocks change is as long as it is."""
    today = local_time(now, time_zone).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(count))]
    return [Day(day, start_of_day(day, time_zone), last_of_day(day, time_zone)) for day in days]


def at_most(values: Sequence[int], percent: int) -> int:
    """What so many percent of the values do not exceed: the least of them of which that is true."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def carrier_times(times: dict[str, list[int]]) -> list[CarrierTimes]:
    """By the carrier's key, given microseconds; the carriers of the most parcels first."""
    found = [
        CarrierTimes(
            carrier,
            len(took),
            at_most(took, MEDIAN) // SECOND,
            at_most(took, NINE_OF_TEN) // SECOND,
        )
        for carrier, took in times.items()
    ]
    return sorted(found, key=lambda one: (-one.parcels, one.carrier))[:MOST_CARRIERS]


def percent_of(part: int, whole: int) -> float | None:
    """To a tenth, and never 100 while something is missing; None of nothing."""
    if whole == 0:
        return None
    return part * 1_000 // whole / 10
