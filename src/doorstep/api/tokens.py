"""`POST /v2/token`: an access key for a token."""

from zoneinfo import ZoneInfo

from starlette.responses import Response

from doorstep.api.answers import TokenAnswer
from doorstep.api.body import decode_body
from doorstep.api.call import Call, Reply
from doorstep.api.problems import Problem, Unauthorized, invalid_fields
from doorstep.service.access import AccessDenied
from doorstep.service.forms.bodies import TOKEN
from doorstep.service.forms.forms import Reading, Unfit, violations_of
from doorstep.service.throttle import Throttle, whose

MOST_FAILURES = 10
FAILURES_WITHIN_SECONDS = 60.0


class Tokens:
    def __init__(self) -> None:
        self._throttle = Throttle(MOST_FAILURES, FAILURES_WITHIN_SECONDS)

    async def create(self, call: Call) -> Response:
        reading = Reading(call.services.limits, ZoneInfo("UTC"))
        try:
            given = TOKEN.read(decode_body(call.body), reading)
        except Unfit as unfit:
            raise invalid_fields(violations_of(unfit)) from None
        try:
            # A correct key is never throttled, so it is looked at before the count.
            token = await call.services.access.token_for(given["access_key"], call.services.clock())
        except AccessDenied as denied:
            client = call.scope.get("client")
            seconds = self._throttle.failed(whose(client[0]) if client else "")
            if seconds is None:
                raise Unauthorized(str(denied)) from None
            raise Problem(
                429,
                "too_many_failures",
                "Too many token requests from this address failed.",
                headers={"Retry-After": str(seconds)},
            ) from None
        return Reply(200, TokenAnswer(token)).response()
