"""Numbers as the dashboard says them, in the reader's language."""

from decimal import Decimal

from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from doorstep.service.overview import Count

HOURS_SAID = 48
"""Up to so many it says hours, beyond them days."""


def number(value: float, language: str) -> str:
    return format_decimal(value, locale=language, decimal_quantization=False)


def days(value: int, language: str) -> str:
    return format_unit(value, "duration-day", "long", locale=language)


def at_least(count: Count, language: str) -> str:
    """With a plus where there may be more."""
    return number(count.number, language) + ("" if count.is_all else "+")


def percent(value: float, language: str) -> str:
    """To a tenth: 96.4 is 96.4 % in German."""
    exact = Decimal(str(value)) / 100
    return format_percent(exact, locale=language, decimal_quantization=False)


def duration(seconds: int, language: str) -> str:
    """Short enough for two of them beside each other on a phone."""
    hours = round(seconds / 3_600)
    if hours <= HOURS_SAID:
        return format_unit(max(hours, 1), "duration-hour", "short", locale=language)
    return format_unit(round(seconds / 86_400, 1), "duration-day", "long", locale=language)
