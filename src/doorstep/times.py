"""Times on the wire: RFC 3339 in, with what the field has sent for years; UTC out."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from doorstep.domain.order import SECOND, Instant
from doorstep.domain.promise import EPOCH

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
TIME = re.compile(
    DATE.pattern + r"[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{0,9}))?)?"
    r"(?:[Zz]|([+\- ])([0-9]{2})(?::?([0-9]{2}))?)?"
)
"""A space before the offset is a plus that a query left unencoded."""

LOCAL_TIME = re.compile(DATE.pattern + r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?")
"""As a browser's field `datetime-local` sends it."""

FIRST_YEAR, LAST_YEAR = 1970, 2100
EARLIEST: Instant = 0
BEYOND: Instant = int((datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) * SECOND

NOT_A_TIME = "is not a time such as 2024-01-15T10:30:00Z."
SKIPPED = "never was: the clocks went forward past it."
OUT_OF_RANGE = f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}."


class GivenTime(Struct, frozen=True):
    """A moment, and the offset from UTC in minutes that it was given with (None: none given)."""

    instant: Instant
    utc_offset: int | None


def parse_time(text: str, *, in_query: bool = False) -> GivenTime:
    """Raises ValueError with a sentence for the caller. Without an offset it is UTC."""
    match = TIME.fullmatch(text)
    if match is None or (match[8] == " " and not in_query):
        raise ValueError(NOT_A_TIME)
    year, month, day, hour, minute, second, fraction, sign, off_hours, off_minutes = match.groups()
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC
        )
    except ValueError as error:
        raise ValueError(f"is not a time: {error}.") from None
    instant = _seconds(local) * SECOND + int((fraction or "")[:6].ljust(6, "0"))
    offset = None if sign is None else _offset(sign, off_hours, off_minutes)
    return GivenTime(in_range(instant - (offset or 0) * 60 * SECOND), offset)


def _offset(sign: str, hours: str, minutes: str | None) -> int:
    if int(hours) > 23 or int(minutes or 0) > 59:
        raise ValueError(NOT_A_TIME)
    offset = int(hours) * 60 + int(minutes or 0)
    return -offset if sign == "-" else offset


def _seconds(moment: datetime) -> int:
    since = moment - EPOCH
    return since.days * 86_400 + since.seconds


def with_offset(text: str, zone: ZoneInfo) -> str:
    """What a clock in that zone showed, as a time with its offset; any other text as it is.

    In the hour that the clocks show twice it is the first time. Raises ValueError with a sentence
    for what they never showed.
    """
    match = LOCAL_TIME.fullmatch(text)
    if match is None:
        return text
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError as error:
        raise ValueError(f"is not a time: {error}.") from None
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise ValueError(OUT_OF_RANGE)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(SKIPPED)
    return local.isoformat()


def in_range(instant: Instant) -> Instant:
    """The instant itself. Raises ValueError outside the years that are kept."""
    if not EARLIEST <= instant < BEYOND:
        raise ValueError(OUT_OF_RANGE)
    return instant


def parse_date(text: str) -> date | None:
    """A bare date, None for anything else. Raises ValueError for an impossible one."""
    match = DATE.fullmatch(text)
    if match is None:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise ValueError(f"is not a date: {error}.") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(OUT_OF_RANGE)
    return day


def start_of_day(day: date, time_zone: ZoneInfo) -> Instant:
    """The first moment of the day where the shop is."""
    local = datetime(day.year, day.month, day.day, tzinfo=time_zone)
    return _seconds(local.astimezone(UTC)) * SECOND


def last_of_day(day: date, time_zone: ZoneInfo) -> Instant:
    """The last microsecond of the day where the shop is."""
    return start_of_day(day + timedelta(days=1), time_zone) - 1


def local_time(instant: Instant, zone: tzinfo) -> datetime:
    """What a clock in that zone shows."""
    return (EPOCH + timedelta(microseconds=instant)).astimezone(zone)


@lru_cache(4096)
def _to_second(seconds: int) -> str:
    return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def format_time(instant: Instant) -> str:
    """Whole seconds as `2024-01-15T10:30:00Z`, else with milliseconds."""
    seconds, micros = divmod(instant, SECOND)
    if micros == 0:
        return f"{_to_second(seconds)}Z"
    return f"{_to_second(seconds)}.{micros // 1000:03}Z"


def format_optional(instant: Instant | None) -> str | None:
    return None if instant is None else format_time(instant)


def format_milliseconds(instant: Instant) -> str:
    """Always with milliseconds, as in `states_history`."""
    seconds, micros = divmod(instant, SECOND)
    return f"{_to_second(seconds)}.{micros // 1000:03}Z"
