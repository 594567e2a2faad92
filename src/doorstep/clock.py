"""The one place that reads the clock; all else is given its `now`."""

import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], int]
"""Gives the present instant in microseconds since 1970-01-01T00:00:00Z, as `now` does."""


def now() -> int:
    """Microseconds since 1970-01-01T00:00:00Z, by the system clock (which may be set back)."""
    return time.time_ns() // 1000
