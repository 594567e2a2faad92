"""Webhook endpoints over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace
from starlette.responses import Response

from doorstep.api.call import Call, Reply, respond
from doorstep.api.problems import refused
from doorstep.api.webhook_answers import (
    WebhookEndpointAnswer,
    WebhookReplayAnswer,
    webhook_attempt,
    webhook_endpoint,
)
from doorstep.domain.order import internal_number
from doorstep.domain.refusals import Refusal, missing
from doorstep.service import idempotency
from doorstep.service.forms.webhook_bodies import (
    REPLAY,
    ROTATION,
    WEBHOOK_ENDPOINT,
    WEBHOOK_ENDPOINT_CHANGE,
    check_replay,
    range_of,
    url_check,
)
from doorstep.service.webhooks import deleting, endpoints, replays, trying


def number_of(call: Call) -> int:
    """The endpoint's number. Raises Problem for what can be none."""
    name = call.path["webhook_endpoint_id"]
    number = internal_number(name)
    if number is None:
        raise refused(missing("webhook endpoint", name))
    return number


def _without_secret(reply: Callable[[Any], Reply]) -> Callable[[Any], Reply]:
    """What may be kept of an answer: a secret is told once."""

    def encode(shown: Any) -> Reply:
        whole = reply(shown)
        return replace(whole, body=replace(whole.body, secret=UNSET))

    return encode


def _created(shown: endpoints.ShownEndpoint) -> Reply:
    answer = webhook_endpoint(shown)
    return Reply(201, answer, {"Location": answer.iri})


def _endpoint(shown: endpoints.ShownEndpoint) -> Reply:
    return Reply(200, webhook_endpoint(shown))


async def create(call: Call) -> Response:
    given = call.read(WEBHOOK_ENDPOINT, check=url_check(call.services.sender))
    outcome = await endpoints.create_endpoint(
        call.services,
        call.account_id,
        {"signature": "v1", **given},
        call.idempotency(_without_secret(_created)),
    )
    return respond(outcome, _created)


async def listing(call: Call) -> Response:
    found = await endpoints.list_endpoints(call.services, call.account_id)
    answers: list[WebhookEndpointAnswer] = [webhook_endpoint(each) for each in found]
    return Reply(200, answers).response()


async def get(call: Call) -> Response:
    found = await endpoints.get_endpoint(call.services, call.account_id, number_of(call))
    return respond(found, _endpoint)


async def update(call: Call) -> Response:
    number = number_of(call)
    changes = call.read(
        WEBHOOK_ENDPOINT_CHANGE, partial=True, check=url_check(call.services.sender)
    )
    changed = await endpoints.change_endpoint(call.services, call.account_id, number, changes)
    return respond(changed, _endpoint)


async def delete(call: Call) -> Response:
    refusal = await deleting.delete_endpoint(call.services, call.account_id, number_of(call))
    if refusal is not None:
        raise refused(refusal)
    return Reply(204).response()


async def rotate_secret(call: Call) -> Response:
    number = number_of(call)
    given = call.read(ROTATION) if call.body else {}
    outcome = await endpoints.rotate_secret(
        call.services,
        call.account_id,
        number,
        given.get("overlap_hours", endpoints.OVERLAP_HOURS),
        call.idempotency(_without_secret(_endpoint)),
    )
    return respond(outcome, _endpoint)


async def pause(call: Call) -> Response:
    return await _paused_or_not(call, endpoints.pause_endpoint)


async def resume(call: Call) -> Response:
    return await _paused_or_not(call, endpoints.resume_endpoint)


async def _paused_or_not(
    call: Call, change: Callable[..., Awaitable[endpoints.Outcome]]
) -> Response:
    number = number_of(call)
    outcome = await change(call.services, call.account_id, number, call.idempotency(_endpoint))
    return respond(outcome, _endpoint)


async def replay(call: Call) -> Response:
    number = number_of(call)

    wanted = range_of(call.read(REPLAY, check=check_replay))

    def accepted(made: replays.Replay) -> Reply:
        return Reply(202, WebhookReplayAnswer(made.replay_number, made.after, made.until))

    outcome = await replays.replay(
        call.services, call.account_id, number, wanted, call.idempotency(accepted)
    )
    return respond(outcome, accepted)


async def test(call: Call) -> Response:
    """Sends at once; only an answer that was kept is given without sending."""

    def tried(attempt: Any) -> Reply:
        return Reply(200, webhook_attempt(attempt))

    number = number_of(call)
    kept = call.idempotency(tried)
    if kept is not None:
        known = await idempotency.find(call.services, call.view, kept)
        if known is not None:
            return respond(known, tried)
    attempt = await trying.try_endpoint(call.services, call.account_id, number)
    if isinstance(attempt, Refusal):
        raise refused(attempt)
    if kept is not None:
        await idempotency.keep(call.services, call.view, kept, tried(attempt).encoded())
    return tried(attempt).response()
