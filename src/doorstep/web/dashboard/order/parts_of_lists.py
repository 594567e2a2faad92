"""Long lists on a page: a part at a time."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from doorstep.web.dashboard.visit import Visit

Source = TypeVar("Source")
Line = TypeVar("Line")


class Part(NamedTuple, Generic[Line]):
    """A page of a long list, `page` counted from 1 to `pages`."""

    lines: Sequence[Line]
    page: int
    pages: int
    total: int


def page_asked(visit: Visit, name: str) -> int:
    """The page that the query asks for, the first where it asks for none."""
    text = visit.asked(name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def part_of(
    found: Sequence[Source], page: int, most: int, show: Callable[[Source], Line]
) -> Part[Line]:
    """A page of what was found, the last one where there are not as many."""
    pages = max(1, -(-len(found) // most))
    page = min(max(page, 1), pages)
    lines = [show(one) for one in found[(page - 1) * most : page * most]]
    return Part(lines, page, pages, len(found))
