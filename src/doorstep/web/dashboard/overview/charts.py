"""Where the bars of a chart are drawn. What they look like is the style sheet's matter."""

from collections.abc import Sequence

from msgspec import Struct

HEIGHT = 100
STEP, BAR = 10, 8
"""A column's share of the width, and the bar in it; a browser stretches them as it has room."""

LENGTH = 100
"""Of the longest bar of a list."""


class Column(Struct, frozen=True):
    x: int
    y: int
    height: int


class Columns(Struct, frozen=True):
    """Standing bars side by side, `most` being the highest one's value."""

    width: int
    most: int
    bars: list[Column]


def columns(values: Sequence[int]) -> Columns:
    most = max(values, default=0)
    heights = [_part(value, most, HEIGHT) for value in values]
    gap = (STEP - BAR) // 2
    bars = [
        Column(position * STEP + gap, HEIGHT - height, height)
        for position, height in enumerate(heights)
    ]
    return Columns(len(bars) * STEP, most, bars)


def lengths(values: Sequence[int]) -> list[int]:
    """Lying bars under each other, as parts of the longest one."""
    most = max(values, default=0)
    return [_part(value, most, LENGTH) for value in values]


def _part(value: int, most: int, size: int) -> int:
    """Its share of the size; what is there at all can be seen."""
    return max(1, value * size // most) if value > 0 else 0
