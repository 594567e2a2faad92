"""Where bars are drawn."""

import pytest

from doorstep.web.dashboard.overview.charts import HEIGHT, Column, columns, lengths


@pytest.mark.parametrize(
    ("values", "heights"),
    [
        ([], []),
        ([0, 0], [0, 0]),
        ([5], [100]),
        ([1, 2, 4], [25, 50, 100]),
        ([0, 1, 100_000], [0, 1, 100]),
    ],
)
def test_columns(values: list[int], heights: list[int]) -> None:
    chart = columns(values)
    assert chart.bars == [
        Column(1 + 10 * position, HEIGHT - height, height)
        for position, height in enumerate(heights)
    ]
    assert (chart.width, chart.most) == (10 * len(values), max(values, default=0))
    assert lengths(values) == heights
