"""What those who run doorstep ask it: whether it lives, whether it can work, and its figures."""

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from doorstep.api.answers import HealthAnswer
from doorstep.api.call import Call, Reply
from doorstep.api.problems import Problem


async def alive(call: Call) -> Response:
    return Reply(200, HealthAnswer("ok")).response()


async def ready(call: Call) -> Response:
    fault = await call.services.readiness.fault()
    if fault is not None:
        raise Problem(503, "not_ready", fault)
    return Reply(200, HealthAnswer("ok")).response()


async def metrics(call: Call) -> Response:
    return Response(call.services.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
