"""The parameters of the feed: how each is read, and its JSON schema."""

import re

from doorstep.api.paging import (
    IDENTIFIER,
    MOST_DIGITS,
    MOST_PER_PAGE,
    Bad,
    FilterForm,
    whole_number,
)
from doorstep.api.problems import invalid_field
from doorstep.domain.limits import Limits
from doorstep.service.events.kinds import KINDS, types_named

MOST_WAIT_SECONDS = 60
"""Less than proxies wait for an answer."""

LATEST = "latest"
MOST_SEQUENCE = 10**MOST_DIGITS - 1


def _read_after(text: str, limits: Limits) -> int | None:
    """None for `latest`."""
    if text == LATEST:
        return None
    try:
        return whole_number(text, 0, MOST_SEQUENCE)
    except Bad:
        raise Bad("must be a sequence, or latest.") from None


def _number(least: int, most: int) -> FilterForm:
    return FilterForm(
        lambda text, limits: whole_number(text, least, most),
        lambda limits: {"type": "integer", "minimum": least, "maximum": most},
    )


def _read_types(text: str, limits: Limits) -> tuple[str, ...]:
    types: set[str] = set()
    for word in text.split(","):
        named = types_named(word)
        if not named:
            raise Bad(f"{word} is no type of event: order.shipped, for example, or order.*")
        types.update(named)
    return tuple(sorted(types))


def _types_schema(limits: Limits) -> dict[str, str]:
    groups = dict.fromkeys(kind.partition(".")[0] + ".*" for kind in KINDS)
    word = "|".join(re.escape(word) for word in (*KINDS, *groups))
    return {"type": "string", "pattern": f"^({word})(,({word}))*$"}


OF_ORDER = {
    "after": FilterForm(
        _read_after,
        lambda limits: {"type": "string", "pattern": f"^([0-9]{{1,{MOST_DIGITS}}}|{LATEST})$"},
    ),
    "limit": _number(1, MOST_PER_PAGE),
    "types": FilterForm(_read_types, _types_schema),
}
FEED = {**OF_ORDER, "order_id": IDENTIFIER, "wait": _number(0, MOST_WAIT_SECONDS)}


def read_last_event_id(text: str) -> int:
    """What a reader of a stream comes back with. Raises Problem."""
    try:
        return whole_number(text, 0, MOST_SEQUENCE)
    except Bad:
        raise invalid_field("Last-Event-ID", "must be the id of an event of a stream.") from None
