"""A request that waits, and what ends it before it has what it waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from doorstep.api.call import Call
from doorstep.api.problems import Unauthorized
from doorstep.service.access import AccessDenied

Value = TypeVar("Value")

SECONDS_BETWEEN_CHECKS = 1.0
"""Of the token. A key that was revoked is taken to be valid for two more; promised are five."""


async def wait_for(call: Call, work: Coroutine[Any, Any, Value]) -> Value | None:
    """What the work returns; None when the client leaves or the server is told to stop.

    Raises Unauthorized once the token expires or its key is revoked.
    """
    working, denied = asyncio.create_task(work), asyncio.create_task(_denied(call))
    stopping = asyncio.create_task(call.services.event_streams.stopping.wait())
    every = [working, denied, stopping, asyncio.create_task(_left(call))]
    try:
        done, _ = await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
        if working in done:
            return working.result()
        if denied in done:
            raise denied.result()
        return None
    finally:
        for task in every:
            task.cancel()
        await asyncio.gather(*every, return_exceptions=True)


async def _denied(call: Call) -> Unauthorized:
    """Returns as soon as the token is no longer good."""
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_CHECKS)
        try:
            await call.services.access.caller(call.token, call.services.clock())
        except AccessDenied as denied:
            return Unauthorized(str(denied))


async def _left(call: Call) -> None:
    """Returns when the client has ended its side: all that comes after the whole request."""
    while (message := await call.receive())["type"] == "http.request" and message.get("more_body"):
        pass
    if message["type"] == "http.request":
        await call.receive()
