"""A request that waits, and what ends it before it has what it waits for."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from doorstep.api.call import Call, ClientGone
from doorstep.api.problems import Unauthorized
from doorstep.service.access import AccessDenied

Value = TypeVar("Value")

SECONDS_BETWEEN_CHECKS = 1.0
"""Of the token. A key that was revoked is taken to be valid for two more; promised are five."""


async def wait_for(call: Call, work: Coroutine[Any, Any, Value]) -> Value | None:
    """What the work returns; None when the server is told to stop first.

    Raises Unauthorized once the token expires or its key is revoked, ClientGone.
    """
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(call.services.event_streams.stopping.wait())
    watching = [asyncio.create_task(_denied(call)), asyncio.create_task(_left(call))]
    every = [working, stopping, *watching]
    try:
        done, _ = await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
        if working in done:
            return working.result()
        for task in watching:
            if task in done:
                task.result()
        return None
    finally:
        for task in every:
            task.cancel()
        await asyncio.gather(*every, return_exceptions=True)


async def _denied(call: Call) -> None:
    """Raises Unauthorized as soon as the token is no longer good."""
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_CHECKS)
        try:
            await call.services.access.caller(call.token, call.services.clock())
        except AccessDenied as denied:
            raise Unauthorized(str(denied)) from None


async def _left(call: Call) -> None:
    """Raises ClientGone when the client has left."""
    while (await call.receive())["type"] != "http.disconnect":
        pass
    raise ClientGone
