"""Reports of an order's progress over HTTP."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from doorstep.api import answers
from doorstep.api.call import REPLAYED, Call, Reply, respond
from doorstep.domain.commands import ReportState
from doorstep.service.deciding import change_order
from doorstep.service.forms.bodies import STATE
from doorstep.service.outcomes import Done

NAMES = ("order_id", "shop_order_id")


def _check(given: Mapping[str, Any], faulty: set[str]) -> Iterable[tuple[str, str]]:
    names = {given[name] for name in NAMES if name in given}
    if len(names) > 1:
        return [(name, "order_id and shop_order_id differ.") for name in NAMES]
    return [] if names or not faulty.isdisjoint(NAMES) else [("order_id", "is required.")]


async def create(call: Call) -> Response:
    given = call.read(STATE, check=_check)
    name = given.get("order_id") or given["shop_order_id"]

    def reply(done: Done) -> Reply:
        assert done.order is not None
        entry = answers.state_entry(done.order.order_id, done.subject)
        return Reply(201, entry, REPLAYED if done.replayed else {})

    command = ReportState(given["state"], given.get("datetime"), given.get("location"))
    idempotency = call.idempotency(reply)
    outcome = await change_order(call.services, call.view, name, command, idempotency)
    return respond(outcome, reply)
