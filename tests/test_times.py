"""Times as people give them, by the clock on their wall."""

from zoneinfo import ZoneInfo

import pytest

from doorstep import times
from doorstep.domain.order import SECOND
from doorstep.times import OUT_OF_RANGE, SKIPPED, format_time, with_offset

VIENNA = ZoneInfo("Europe/Vienna")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2027-01-15T09:30", "2027-01-15T09:30:00+01:00"),
        ("2027-07-15T09:30:15", "2027-07-15T09:30:15+02:00"),
        ("2027-07-15 09:30:15.5", "2027-07-15T09:30:15.500000+02:00"),
        # The clocks show it twice: the first time.
        ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T03:00", "2026-10-25T03:00:00+01:00"),
        ("2027-03-28T01:59", "2027-03-28T01:59:00+01:00"),
        ("2027-03-28T03:00", "2027-03-28T03:00:00+02:00"),
        # Whatever else there is, is for others to read.
        ("2027-01-15T09:30:00Z", "2027-01-15T09:30:00Z"),
        ("2027-01-15", "2027-01-15"),
        ("soon", "soon"),
        ("", ""),
    ],
)
def test_a_local_time_gets_the_offset_of_its_day(text: str, read: str) -> None:
    assert with_offset(text, VIENNA) == read


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2027-03-28T02:00", SKIPPED),
        ("2027-03-28T02:59:59", SKIPPED),
        ("2027-02-30T12:00", "is not a time"),
        ("2027-02-03T24:01", "is not a time"),
        ("0001-01-01T00:00", OUT_OF_RANGE),
        ("9999-12-31T23:59", OUT_OF_RANGE),
    ],
)
def test_what_no_clock_has_shown_is_no_time(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        with_offset(text, VIENNA)


def test_a_second_is_written_out_once() -> None:
    """Every answer and event says several times, most of them of the same few seconds."""
    first, again = (format_time(1_800_000_000 * SECOND + micros) for micros in (1_000, 2_000))
    assert (first, again) == ("2027-01-15T08:00:00.001Z", "2027-01-15T08:00:00.002Z")
    assert times._to_second(1_800_000_000) is times._to_second(1_800_000_000)
