"""Carriers' updates over HTTP: one, or many at once."""

import asyncio
from typing import Any

import msgspec
from starlette.responses import Response

from doorstep.api import answers
from doorstep.api.answers import UpdateOutcomeAnswer
from doorstep.api.body import decode_entries
from doorstep.api.call import REPLAYED, Call, Reply, respond
from doorstep.api.problems import Problem, invalid_fields
from doorstep.domain.refusals import Refusal
from doorstep.service import idempotency as kept_answers
from doorstep.service.carrier_updates import GivenUpdate, record_carrier_update
from doorstep.service.events.parts import carrier_update
from doorstep.service.forms.bodies import CARRIER_UPDATE
from doorstep.service.forms.changes import UPDATE_NAMES_A_PARCEL, given_update
from doorstep.service.forms.forms import Unfit, violations_of
from doorstep.service.group import StoreUnavailable
from doorstep.service.outcomes import STATUS_OF_KIND, Done, Kept, Outcome

UNAVAILABLE = 503
WRITTEN_TOGETHER = 100
"""How many entries of an array wait for the writer at once: others get their turn between."""


async def create(call: Call) -> Response:
    value = decode_entries(call.body)
    if isinstance(value, list):
        return await _create_many(call, value)

    def reply(outcome: Done | Kept) -> Reply:
        return _reply(outcome)

    given = _given(call, value)
    outcome = await record_carrier_update(call.services, call.view, given, call.idempotency(reply))
    return respond(outcome, reply)


def _given(call: Call, value: Any) -> GivenUpdate:
    fields = call.read_value(CARRIER_UPDATE, value, check=UPDATE_NAMES_A_PARCEL)
    try:
        return given_update(fields)
    except Unfit as unfit:
        raise invalid_fields(violations_of(unfit)) from None


def _reply(outcome: Done | Kept) -> Reply:
    if isinstance(outcome, Kept):
        return Reply(202, answers.kept_update(outcome.update_number, outcome.kept_until))
    order = outcome.order
    assert order is not None
    for parcel in order.shipments:
        for update in parcel.updates:
            if update.update_number == outcome.subject:
                answer = carrier_update(order.order_id, parcel.shipment_number, update)
                if outcome.replayed:
                    return Reply(200, answer, REPLAYED)
                return Reply(201, answer)
    raise LookupError(f"update {outcome.subject} is not in its order")


async def _create_many(call: Call, values: list[Any]) -> Response:
    most = call.services.limits.max_updates_per_request
    if len(values) > most:
        raise Problem(400, "too_many_updates", f"An array holds at most {most} updates.")
    remembered = call.idempotency(lambda outcome: Reply(200))
    if remembered is not None:
        known = await kept_answers.find(call.services, call.view, remembered)
        if known is not None:
            return respond(known, lambda done: Reply(200))
    found: list[UpdateOutcomeAnswer] = []
    for first in range(0, len(values), WRITTEN_TOGETHER):
        part = enumerate(values[first : first + WRITTEN_TOGETHER], first)
        found += await asyncio.gather(*(_entry(call, index, value) for index, value in part))
    reply = Reply(200, found)
    # Of what is still to be written a retry must not be told the same again.
    if remembered is not None and all(outcome.status != UNAVAILABLE for outcome in found):
        await kept_answers.keep(call.services, call.view, remembered, reply.encoded())
    return reply.response()


async def _entry(call: Call, index: int, value: Any) -> UpdateOutcomeAnswer:
    """One entry's outcome; a bad one holds back no good one."""
    try:
        if isinstance(value, Problem):
            raise value
        outcome = await record_carrier_update(call.services, call.view, _given(call, value), None)
    except Problem as problem:
        return UpdateOutcomeAnswer(index, problem.status, problem.code, problem.detail)
    except StoreUnavailable as error:
        return UpdateOutcomeAnswer(index, UNAVAILABLE, "unavailable", error.detail)
    return _outcome(index, outcome)


def _outcome(index: int, outcome: Outcome) -> UpdateOutcomeAnswer:
    if isinstance(outcome, Refusal):
        status = STATUS_OF_KIND[outcome.kind]
        return UpdateOutcomeAnswer(index, status, outcome.code, outcome.detail)
    assert isinstance(outcome, Done | Kept)
    reply = _reply(outcome)
    shipment_id = getattr(reply.body, "shipment_id", msgspec.UNSET)
    return UpdateOutcomeAnswer(index, reply.status, shipment_id=shipment_id)
