"""Numbers in the reader's language."""

import pytest

from doorstep.service.overview import Count
from doorstep.web.dashboard.numbers import at_least, days, duration, percent


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (at_least(Count(1_234_567), "en"), "1,234,567"),
        (at_least(Count(50_000, False), "de"), "50.000+"),
        (percent(96.4, "en"), "96.4%"),
        (percent(96.4, "de"), "96,4\xa0%"),
        (percent(100.0, "en"), "100%"),
        (days(1, "en"), "1 day"),
        (days(3_650, "de"), "3.650 Tage"),
        (duration(0, "en"), "1 hr"),
        (duration(48 * 3_600, "en"), "48 hr"),
        (duration(49 * 3_600, "en"), "2 days"),
        (duration(54 * 3_600, "de"), "2,2 Tage"),
        (duration(3_600, "de"), "1 Std."),
    ],
)
def test_numbers_are_said_in_the_readers_language(said: str, expected: str) -> None:
    assert said == expected
