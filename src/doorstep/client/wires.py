"""The only two things that touch the network, the clock's waiting and locks: one that blocks, and
one that is awaited. The rest of the client is written once, as coroutines over either."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol, TypeVar

import httpx

T = TypeVar("T")

# httpx searches its pool at each request, quadratically: 64 tasks over 20 connections, all of them
# kept open, measured one and a half times as fast as over its usual 100.
LIMITS: Final = httpx.Limits(max_connections=20, max_keepalive_connections=20)


class Wire(Protocol):
    @property
    def renewal(self) -> AbstractAsyncContextManager[Any]:
        """Held while a token is renewed."""

    async def send(self, request: httpx.Request) -> httpx.Response: ...

    async def pause(self, seconds: float) -> None: ...

    async def close(self) -> None: ...


class AsyncWire:
    def __init__(self, transport: httpx.AsyncBaseTransport | None) -> None:
        self._http = httpx.AsyncClient(transport=transport, limits=LIMITS)
        self.renewal = asyncio.Lock()

    async def send(self, request: httpx.Request) -> httpx.Response:
        return await self._http.send(request)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        await self._http.aclose()


class BlockingWire:
    """Its coroutines block where others suspend, so `finish` can run them without an event loop."""

    def __init__(self, transport: httpx.BaseTransport | None) -> None:
        self._http = httpx.Client(transport=transport, limits=LIMITS)
        self.renewal = _BlockingLock()

    async def send(self, request: httpx.Request) -> httpx.Response:
        return self._http.send(request)

    async def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    async def close(self) -> None:
        self._http.close()


class _BlockingLock:
    def __init__(self) -> None:
        self._lock = threading.Lock()

    async def __aenter__(self) -> None:
        self._lock.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()


def finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine over a BlockingWire returns or raises: it never suspends, so one step is
    all of it."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise RuntimeError("a coroutine over a blocking wire has suspended")
