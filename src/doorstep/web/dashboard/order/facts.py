"""Given fields as a page shows them: labelled, in the reader's language, no longer than need be."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from doorstep.service.web_address import web_address
from doorstep.web.dashboard.order.wording import FIELDS
from doorstep.web.dashboard.visit import Visit
from doorstep.web.dashboard.wording import _
from doorstep.web.tracking import cut

MOST_TEXT = 1_000
"""Characters of any text that is not ours."""

MOST_TAGS = 100
URLS = ("shop_product_url", "image_url")
"""Fields that hold addresses."""


class Fact(NamedTuple):
    label: str
    text: str
    url: str | None = None


def facts(visit: Visit, fields: Mapping[str, Any] | None) -> list[Fact]:
    """Given fields in the order of their labels."""
    given = fields or {}
    return [
        Fact(visit.translated(label), text_of(visit, given[name]), _address(name, given[name]))
        for name, label in FIELDS.items()
        if given.get(name) not in (None, "", {})
    ]


def _address(name: str, value: Any) -> str | None:
    return web_address(value) if name in URLS else None


def text_of(visit: Visit, value: Any) -> str:
    if isinstance(value, bool):
        return visit.translated(_("Yes") if value else _("No"))
    if isinstance(value, int | float):
        return visit.number(value)
    if isinstance(value, Mapping):
        shown = list(value.items())[:MOST_TAGS]
        return cut("; ".join(f"{name}: {text}" for name, text in shown), MOST_TEXT)
    return cut(str(value), MOST_TEXT)
