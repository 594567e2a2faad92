"""Carriers over HTTP: the known ones and the account's own."""

from starlette.responses import Response

from doorstep.api import answers
from doorstep.api.call import Call, Reply
from doorstep.api.problems import refused
from doorstep.domain.carriers import Carrier
from doorstep.service.carriers import own_carrier_check
from doorstep.service.forms.bodies import OWN_CARRIER


async def listing(call: Call) -> Response:
    return Reply(200, [answers.carrier(known) for known in call.view.carriers.values()]).response()


async def put(call: Call) -> Response:
    code = call.path["code"].lower()
    given = call.read(OWN_CARRIER, check=own_carrier_check(code))
    own = Carrier(code, given["name"], given["countries"], given.get("tracking_url"))
    is_new = await call.services.accounts.put_carrier(call.account_id, own)
    return Reply(201 if is_new else 200, answers.carrier(own)).response()


async def delete(call: Call) -> Response:
    refusal = await call.services.accounts.delete_carrier(
        call.account_id, call.path["code"].lower()
    )
    if refusal is not None:
        raise refused(refusal)
    return Reply(204).response()
