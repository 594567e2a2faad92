"""What was attempted at a webhook endpoint, over HTTP."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from doorstep.api.call import Call, Reply
from doorstep.api.paging import (
    MOST_PER_PAGE,
    PER_PAGE,
    Bad,
    FilterForm,
    read_parameters,
    whole_number,
)
from doorstep.api.problems import invalid_field, refused
from doorstep.api.webhook_answers import WebhookAttemptAnswer, waiting_webhook, webhook_attempt
from doorstep.api.webhook_endpoints import number_of
from doorstep.domain.limits import Limits
from doorstep.domain.refusals import Refusal
from doorstep.service.events.cloud_events import event_id
from doorstep.service.webhooks.attempts import (
    OUTCOMES,
    PLACE,
    WAITING,
    list_attempts,
    list_waiting,
    read_place,
    write_place,
)

MOST_SEQUENCE = 2**53


def _read_outcome(text: str, limits: Limits) -> str:
    if text not in OUTCOMES:
        raise Bad(f"must be one of {', '.join(OUTCOMES)}.")
    return text


def _read_cursor(text: str, limits: Limits) -> str:
    if not PLACE.fullmatch(text):
        raise Bad("is not a cursor of this listing.")
    return text


PARAMETERS: Mapping[str, FilterForm] = {
    "outcome": FilterForm(_read_outcome, lambda limits: {"type": "string", "enum": list(OUTCOMES)}),
    "sequence": FilterForm(
        lambda text, limits: whole_number(text, 1, MOST_SEQUENCE),
        lambda limits: {"type": "integer", "minimum": 1, "maximum": MOST_SEQUENCE},
    ),
    "event_id": FilterForm(lambda text, limits: text, lambda limits: {"type": "string"}),
    "limit": FilterForm(
        lambda text, limits: whole_number(text, 1, MOST_PER_PAGE),
        lambda limits: {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE},
    ),
    "cursor": FilterForm(_read_cursor, lambda limits: {"type": "string"}),
}


async def listing(call: Call) -> Response:
    number = number_of(call)
    given = read_parameters(PARAMETERS, call.query(), call.services.limits)
    sequence = _sequence(call, given)
    if sequence is not None and "outcome" in given:
        raise invalid_field("outcome", "cannot be combined with an event.")
    which = given.get("outcome", "all")
    place = read_place(given["cursor"], which) if "cursor" in given else None
    if "cursor" in given and place is None:
        raise invalid_field("cursor", "is not a cursor of this listing.")
    limit = given.get("limit", PER_PAGE)
    if which == WAITING:
        return await _waiting(call, number, place, limit)
    found = await list_attempts(
        call.services, call.account_id, number, which, sequence, place, limit
    )
    if isinstance(found, Refusal):
        raise refused(found)
    return _page(call, [webhook_attempt(each) for each in found.rows], found.place, limit)


def _sequence(call: Call, given: Mapping[str, Any]) -> int | None:
    """Of the one event that is asked for; 0, which no event has, for one of another account."""
    name = given.get("event_id")
    if name is None:
        sequence: int | None = given.get("sequence")
        return sequence
    text = name.rpartition("_")[2]
    named = int(text) if re.fullmatch("[0-9]{1,15}", text) else 0
    is_own = name == event_id(call.account_id, named) and given.get("sequence", named) == named
    return named if is_own else 0


async def _waiting(call: Call, number: int, after: tuple[int, ...] | None, limit: int) -> Response:
    found = await list_waiting(call.services, call.account_id, number, after, limit)
    if isinstance(found, Refusal):
        raise refused(found)
    page = [waiting_webhook(call.account_id, each) for each in found.rows]
    return _page(call, page, found.place, limit)


def _page(
    call: Call, page: Sequence[WebhookAttemptAnswer], last: tuple[int, ...] | None, limit: int
) -> Response:
    if last is None:
        return Reply(200, page).response()
    kept = [(name, text) for name, text in call.query() if name not in ("limit", "cursor")]
    kept += [("limit", str(limit)), ("cursor", write_place(last))]
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in kept)
    path = f"{call.public_url}/v2/webhook_endpoints/{number_of(call)}/deliveries"
    return Reply(200, page, {"Link": f'<{path}?{text}>; rel="next"'}).response()
