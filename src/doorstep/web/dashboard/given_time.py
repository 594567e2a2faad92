"""A time that was entered on a page, where the account's clocks stand."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from doorstep.times import with_offset
from doorstep.web.dashboard.visit import Visit


class GivenTime(NamedTuple):
    """A form's field as the API takes it, None where it is empty; or what is wrong with it."""

    field: str
    text: str | None
    fault: str | None = None

    def check(self, given: Mapping[str, Any], faulty: set[str]) -> Iterable[tuple[str, str]]:
        return [] if self.fault is None else [(self.field, self.fault)]


def given_time(visit: Visit, field: str) -> GivenTime:
    try:
        return GivenTime(field, with_offset(visit.field(field), visit.view.time_zone) or None)
    except ValueError as error:
        return GivenTime(field, None, str(error))
