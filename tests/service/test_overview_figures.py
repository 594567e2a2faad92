"""What an overview makes of what was counted."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from doorstep.domain.order import DAY, HOUR, SECOND
from doorstep.service.overview_figures import (
    MOST_CARRIERS,
    at_most,
    carrier_times,
    last_days,
    percent_of,
)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7], 50, 7),
        ([7], 90, 7),
        ([2, 1], 50, 1),
        ([3, 1, 2], 50, 2),
        ([4, 1, 3, 2], 50, 2),
        (range(1, 11), 90, 9),
        (range(1, 12), 90, 10),
        (range(1, 101), 90, 90),
        (range(1, 101), 50, 50),
        ([5, 5, 5, 1], 90, 5),
    ],
)
def test_so_many_percent_take_at_most(values: list[int], percent: int, expected: int) -> None:
    found = at_most(values, percent)
    assert found == expected
    reached = [value for value in values if value <= found]
    assert len(reached) * 100 >= percent * len(values)
    assert len([value for value in values if value < found]) * 100 < percent * len(values)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 0, None), (0, 3, 0.0), (1, 3, 33.3), (2, 3, 66.6), (3, 3, 100.0), (9_999, 10_000, 99.9)],
)
def test_percent(part: int, whole: int, expected: float | None) -> None:
    assert percent_of(part, whole) == expected


def moment(text: str, zone: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND


@pytest.mark.parametrize(
    ("now", "zone", "hours_of_days"),
    [
        ("2026-06-15T12:00", "UTC", [24, 24, 24]),
        ("2026-03-30T00:00", "Europe/Vienna", [24, 23, 24]),
        ("2026-03-29T23:59", "Europe/Vienna", [24, 24, 23]),
        ("2026-10-25T12:00", "Europe/Vienna", [24, 24, 25]),
        # Clocks change at midnight: the 6th begins at one o'clock, the 4th ends an hour later.
        ("2026-09-07T12:00", "America/Santiago", [24, 23, 24]),
        ("2026-04-05T12:00", "America/Santiago", [24, 25, 24]),
    ],
)
def test_a_day_is_as_long_as_it_is(now: str, zone: str, hours_of_days: list[int]) -> None:
    days = last_days(moment(now, zone), 3, ZoneInfo(zone))
    today = date.fromisoformat(now[:10])
    assert [day.date for day in days] == [today - timedelta(days=ago) for ago in (2, 1, 0)]
    assert [(day.last + 1 - day.first) / HOUR for day in days] == hours_of_days
    assert days[0].last + 1 == days[1].first
    assert days[1].last + 1 == days[2].first


def test_the_day_is_that_of_the_shop() -> None:
    now = moment("2026-06-15T23:30", "UTC")
    assert last_days(now, 1, ZoneInfo("Asia/Tokyo"))[0].date == date(2026, 6, 16)
    assert last_days(now, 1, ZoneInfo("America/Lima"))[0].date == date(2026, 6, 15)


def test_carriers_of_the_most_parcels_come_first() -> None:
    times = {"dpd": [DAY], "dhl": [DAY, 3 * DAY, 2 * DAY], "": [DAY + 1], "ups": [SECOND] * 2}
    found = carrier_times(times)
    assert [(one.carrier, one.parcels) for one in found] == [
        ("dhl", 3),
        ("ups", 2),
        ("", 1),
        ("dpd", 1),
    ]
    assert (found[0].median_seconds, found[0].nine_of_ten_seconds) == (172_800, 259_200)
    assert len(carrier_times({str(name): [DAY] for name in range(50)})) == MOST_CARRIERS
