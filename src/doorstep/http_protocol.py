"""uvicorn's HTTP protocol on a gathering transport, with bounds on each connection."""

import asyncio
from collections import deque
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from doorstep.http_transport import GatheringTransport

MOST_HEAD_BYTES = 65_536
"""Of a request line with its headers; the parser itself would take any number."""

RECEIVE_SECONDS = 60.0
"""How long a request may take to arrive, and a new connection to say anything."""

SEND_SECONDS = 120.0
"""How long a client may leave an answer unread of which the kernel takes no more."""


class PipelineFlow(FlowControl):
    """Reads on only when no request waits for the answers before it, so that few are kept."""

    def __init__(self, transport: asyncio.Transport, waiting: deque[Any]) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if not self._waiting:
            super().resume_reading()


class HttpProtocol(HttpToolsProtocol):
    """Bounded in what it keeps and how long it waits.

    A head beyond the limit, a request that is not whole in time and an answer that is not read
    end the connection.
    """

    _answering: RequestResponseCycle | None = None
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _malformed: str | None = None
    _fruitless_bytes = 0
    """Read since there was something for the application: a part of a head, or of trailers."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(GatheringTransport(transport, self.loop))  # type: ignore[arg-type]
        self.flow = PipelineFlow(self.transport, self.pipeline)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(SEND_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def data_received(self, data: bytes) -> None:
        self._await_request()
        self._fruitless_bytes += len(data)
        super().data_received(data)
        if self._fruitless_bytes > MOST_HEAD_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        self._fruitless_bytes = 0
        self._await_request()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Raises OverflowError, which the parser's owner answers as what is no HTTP."""
        self._fruitless_bytes = 0
        # What arrives at once is whole before its length is looked at.
        lines = sum(len(name) + len(value) + 4 for name, value in self.headers)
        if len(self.url) + lines > MOST_HEAD_BYTES:
            raise OverflowError("the head is too large")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._fruitless_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._fruitless_bytes = 0
        self._stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """After the answers that are owed: in front it would be taken for one of them."""
        if self._malformed is not None:
            return
        if self.pipeline and self.cycle.more_body:
            self.pipeline.popleft()  # What is malformed is the body of this one.
        if self._owes_answers():
            self._malformed = msg
        else:
            super().send_400_response(msg)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._malformed is not None and not self._owes_answers():
            super().send_400_response(self._malformed)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _owes_answers(self) -> bool:
        """Whether a request that has arrived whole is still to be answered."""
        current = self._answering
        answering = current and not current.more_body and not current.response_complete
        return bool(self.pipeline) or bool(answering)

    def _await_request(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(RECEIVE_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._owes_answers():
            self._await_request()  # Reading stands still until they are sent.
        else:
            self.transport.close()
