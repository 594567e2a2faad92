"""Carriers over HTTP: the known ones and the account's own."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from doorstep.api import answers
from doorstep.api.call import Call, Reply
from doorstep.api.problems import refused
from doorstep.domain.carriers import Carrier
from doorstep.service.forms.bodies import OWN_CARRIER

CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
URL = re.compile(r"https?://[^/?#\s{}]+")


async def listing(call: Call) -> Response:
    return Reply(200, [answers.carrier(known) for known in call.view.carriers.values()]).response()


async def put(call: Call) -> Response:
    code = call.path["code"].lower()

    def check(given: Mapping[str, Any], faulty: set[str]) -> Iterable[tuple[str, str]]:
        if not CODE.fullmatch(code):
            yield "code", "must be letters, digits, '.', '_' or '-', 63 at most."
        url = given.get("tracking_url")
        if url is not None and not (URL.match(url) and "{tracking_code}" in url):
            yield "tracking_url", "must be http or https and hold {tracking_code}."

    given = call.read(OWN_CARRIER, check=check)
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
