"""Reports of an order's progress over HTTP."""

from starlette.responses import Response

from doorstep.api import answers
from doorstep.api.call import REPLAYED, Call, Reply, respond
from doorstep.api.problems import invalid_field, invalid_fields
from doorstep.api.requests import STATE
from doorstep.domain.commands import ReportState
from doorstep.domain.refusals import Violation
from doorstep.service.orders import change_named_order
from doorstep.service.outcomes import Done


async def create(call: Call) -> Response:
    given = call.read(STATE)
    names = {given[name] for name in ("order_id", "shop_order_id") if name in given}
    if not names:
        raise invalid_field("order_id", "is required.")
    if len(names) > 1:
        raise invalid_fields(
            Violation(name, "order_id and shop_order_id differ.")
            for name in ("order_id", "shop_order_id")
        )

    def reply(done: Done) -> Reply:
        assert done.order is not None
        entry = answers.state_entry(done.order.order_id, done.subject)
        return Reply(201, entry, REPLAYED if done.replayed else {})

    command = ReportState(given["state"], given.get("datetime"), given.get("location"))
    idempotency = call.idempotency(reply)  # type: ignore[arg-type]
    outcome = await change_named_order(call.services, call.view, names.pop(), command, idempotency)
    return respond(outcome, reply)
