"""Server-sent events: the feed as a response that goes on until something ends it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing, suppress
from typing import Any

from starlette.responses import Response

from doorstep.api.call import Call
from doorstep.api.problems import Unauthorized
from doorstep.api.waiting import wait_for
from doorstep.service.events.cloud_events import encode_event
from doorstep.service.events.log import Page
from doorstep.service.group import StoreUnavailable

EVENT_STREAM = "text/event-stream"
HEADERS = {
    "Cache-Control": "no-store",
    "Connection": "close",
    # nginx hands on what it gets at once, however it is set up.
    "X-Accel-Buffering": "no",
}

HEARTBEAT_SECONDS = 10.0
"""Of silence at most; proxies end what is silent for a minute."""

RETRY_MILLISECONDS = 1_000
"""After which a reader whose stream has ended asks for the next one."""

SECONDS_TO_END = 0.2
"""Within which the end of a stream must be sent; a reader that does not read is cut off then."""


def beginning(page: Page) -> bytes:
    """The first page, after what every stream begins with."""
    return b"retry: %d\n\n" % RETRY_MILLISECONDS + _frames(page)


def _frames(page: Page) -> bytes:
    return b"".join(
        b"id: %d\nevent: %s\ndata: %s\n\n"
        % (event.sequence, event.type.encode(), encode_event(event))
        for event in page.events
    )


def _heartbeat(position: int) -> bytes:
    """A comment, with the place to go on from: not every event may be one that was asked for."""
    return b": \nid: %d\n\n" % position


class EventStream(Response):
    """Sends pages as they come, each only when the reader has taken the one before.

    Ends when the server stops, when the token is no longer good, or when the database is away;
    the reader then comes back with the id of what it had last.
    """

    def __init__(
        self, call: Call, first: bytes, following: AsyncGenerator[Page, None], place: ExitStack
    ) -> None:
        self.status_code = 200
        self.media_type = EVENT_STREAM
        self.background = None
        self.init_headers(HEADERS)
        self._call = call
        self._first = first
        self._following = following
        self._place = place

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        transport = scope["transport"]
        with self._place:
            # What the reader does not take waits here, and not in a buffer.
            if not transport.is_closing():
                transport.set_write_buffer_limits(0)
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            with suppress(Unauthorized, StoreUnavailable):
                await wait_for(self._call, self._send_pages(send))
            try:
                async with asyncio.timeout(SECONDS_TO_END):
                    await send({"type": "http.response.body"})
            except TimeoutError:
                transport.abort()
                await receive()

    async def _send_pages(self, send: Any) -> None:
        text = self._first
        async with aclosing(self._following) as following:
            while True:
                await send({"type": "http.response.body", "body": text, "more_body": True})
                page = await anext(following)
                text = _frames(page) or _heartbeat(page.position)
