"""A promised day ends at 23:59:59 where the shop is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from doorstep.domain.promise import end_of_day


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("UTC", "2024-01-20", "2024-01-20T23:59:59"),
        ("Europe/Berlin", "2024-01-20", "2024-01-20T22:59:59"),
        ("Europe/Berlin", "2024-07-20", "2024-07-20T21:59:59"),
        # Clocks go forward and back on these days: the end is after the change.
        ("Europe/Berlin", "2024-03-30", "2024-03-30T22:59:59"),
        ("Europe/Berlin", "2024-03-31", "2024-03-31T21:59:59"),
        ("Europe/Berlin", "2024-10-26", "2024-10-26T21:59:59"),
        ("Europe/Berlin", "2024-10-27", "2024-10-27T22:59:59"),
        ("America/New_York", "2024-03-10", "2024-03-11T03:59:59"),
        ("America/New_York", "2024-11-03", "2024-11-04T04:59:59"),
        # Half and quarter hours, and the ends of the map.
        ("Asia/Kolkata", "2024-01-20", "2024-01-20T18:29:59"),
        ("Asia/Kathmandu", "2024-01-20", "2024-01-20T18:14:59"),
        ("Australia/Lord_Howe", "2024-04-07", "2024-04-07T13:29:59"),
        ("Pacific/Chatham", "2024-01-20", "2024-01-20T10:14:59"),
        ("Pacific/Kiritimati", "2024-01-20", "2024-01-20T09:59:59"),
        ("Etc/GMT+12", "2024-01-20", "2024-01-21T11:59:59"),
        # 23:00 to midnight comes twice: the later one ends the day.
        ("America/Nuuk", "2024-10-26", "2024-10-27T01:59:59"),
        ("America/Havana", "2024-11-02", "2024-11-03T03:59:59"),
        # 23:00 to midnight does not come: the day ends with 22:59:59.
        ("America/Nuuk", "2024-03-30", "2024-03-31T00:59:59"),
        # Midnight does not come: the day before is not touched.
        ("Africa/Cairo", "2024-04-25", "2024-04-25T21:59:59"),
        ("Africa/Cairo", "2024-04-26", "2024-04-26T20:59:59"),
        # A day that the calendar skipped ends where it was skipped.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T09:59:59"),
        # The whole span of years, and an offset with seconds.
        ("UTC", "1970-01-01", "1970-01-01T23:59:59"),
        ("Africa/Monrovia", "1971-06-01", "1971-06-02T00:44:29"),
        ("Europe/Berlin", "2100-12-31", "2100-12-31T22:59:59"),
    ],
)
def test_end_of_day(zone, day, end):
    found = end_of_day(date.fromisoformat(day), ZoneInfo(zone))
    moment = datetime.fromisoformat(end).replace(tzinfo=UTC)
    assert datetime.fromtimestamp(found // 1_000_000, UTC) == moment
    assert found % 1_000_000 == 0
