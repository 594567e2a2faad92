"""uvicorn's HTTP protocol on a gathering transport, with bounds on each connection."""

import asyncio
from collections import deque
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import httptools
import msgspec
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from doorstep.api.problems import PROBLEM_TYPE, ProblemAnswer
from doorstep.http_transport import GatheringTransport

MOST_HEAD_BYTES = 65_536
"""Of a request line with its headers; the parser itself would take any number."""

MOST_HEADERS = 100
"""Each becomes two objects of many times its bytes."""

MOST_SECONDS_BETWEEN_LOOKS = 0.5


def _last_answer(status: HTTPStatus, code: str, detail: str) -> bytes:
    """An answer to what never became a request."""
    answer = ProblemAnswer("about:blank", status.phrase, status, detail, code)
    body = msgspec.json.encode(answer)
    head = (
        f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: {PROBLEM_TYPE}\r\n"
        f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


MALFORMED = _last_answer(HTTPStatus.BAD_REQUEST, "malformed_request", "This is no HTTP request.")
TIMED_OUT = _last_answer(
    HTTPStatus.REQUEST_TIMEOUT, "request_timeout", "The rest of the request did not come in time."
)


OFFERS = (b"upgrade", b"http2-settings", b"connection")
"""Headers by which a client offers to go on in another protocol."""


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
    end the connection; `end_overdue` looks after the time.
    """

    _answering: RequestResponseCycle | None = None
    _waits_since: float | None = None
    """The loop's time since when the rest of a request, or a first one, has been outstanding."""
    _unread_since: float | None = None
    """Since when the client has taken no more of its answer, of which so much is left."""
    _unread_bytes = 0
    _malformed = False
    _fruitless_bytes = 0
    """Read since there was something for the application: a part of a head, or of trailers."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(GatheringTransport(transport, self.loop))  # type: ignore[arg-type]
        self.flow = PipelineFlow(self.transport, self.pipeline)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread_since = self.loop.time()
        self._unread_bytes = self.transport.get_write_buffer_size()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unread_since = None

    def data_received(self, data: bytes) -> None:
        self._await_request()
        self._fruitless_bytes += len(data)
        while data and not self.transport.is_closing():
            data = self._feed(data)
        if self._fruitless_bytes > MOST_HEAD_BYTES:
            self.transport.close()

    def _feed(self, data: bytes) -> bytes:
        """Lets the parser read; what it left, as it stops where a client offers an upgrade."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stopped:
            # Without a header that offers it, it is a CONNECT, and this is no proxy.
            if any(name == b"upgrade" for name, _ in self.headers):
                return self._without_upgrade() + data[stopped.args[0] :]
            self.send_400_response("")
        except httptools.HttpParserError:
            self.send_400_response("")
        return b""

    def _without_upgrade(self) -> bytes:
        """The head once more, for a new parser: an upgrade is an offer, and it is not taken.

        The old one would take the request's body for what comes after the upgrade.
        """
        version = self.parser.get_http_version().encode()
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, version)]
        lines += [b"%s: %s" % header for header in self.headers if header[0] not in OFFERS]
        closes = any(
            name == b"connection" and b"close" in value.lower() for name, value in self.headers
        )
        lines += [b"connection: close"] if closes else []
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"\r\n".join([*lines, b"", b""])

    def on_message_begin(self) -> None:
        self._fruitless_bytes = 0
        self._await_request()
        super().on_message_begin()
        # For an answer without end, which sees to it that it is read.
        self.scope["transport"] = self.transport  # type: ignore[typeddict-unknown-key]

    def on_header(self, name: bytes, value: bytes) -> None:
        """Raises OverflowError, which the parser's owner answers as what is no HTTP."""
        if len(self.headers) >= MOST_HEADERS:
            raise OverflowError("the head has too many lines")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Raises OverflowError, as `on_header` does."""
        self._fruitless_bytes = 0
        if self.parser.should_upgrade():
            return
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
        if self.parser.should_upgrade():
            return
        self._waits_since = None
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """After the answers that are owed: in front it would be taken for one of them."""
        if self._malformed:
            return
        if self.pipeline and self.cycle.more_body:
            self.pipeline.popleft()  # What is malformed is the body of this one.
        self._malformed = True
        self._refuse_malformed()

    def _refuse_malformed(self) -> None:
        if not self._owes_answers():
            self.transport.write(MALFORMED)
            self.transport.close()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._malformed:
            self._refuse_malformed()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whether to keep the connection: a client may end its side and still listen."""
        if not self._owes_answers():
            return False
        self.cycle.keep_alive = False
        # Whoever waits for what comes after the request, waits for this.
        self.cycle.message_event.set()
        return True

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _owes_answers(self) -> bool:
        """Whether a request that has arrived whole is still to be answered."""
        current = self._answering
        answering = current and not current.more_body and not current.response_complete
        return bool(self.pipeline) or bool(answering)

    def _await_request(self) -> None:
        if self._waits_since is None:
            self._waits_since = self.loop.time()

    def end_if_waited_since(self, moment: float) -> None:
        """Ends the connection if its client has let us wait since before a moment."""
        left = self.transport.get_write_buffer_size()
        if self._unread_since is not None and left < self._unread_bytes:
            self._unread_since, self._unread_bytes = self.loop.time(), left
        if self._unread_since is not None and self._unread_since < moment:
            # What is left of the answer would wait to be read as well.
            self.transport.abort()
        elif self._waits_since is not None and self._waits_since < moment:
            if self._owes_answers():
                self._waits_since = None  # Reading stands still until they are sent.
                self._await_request()
            else:
                self._give_up()

    def _give_up(self) -> None:
        # A request is answered once, and one whose body nobody wants may have been already.
        current = self._answering
        if current is None or not (current.more_body and current.response_started):
            self.transport.write(TIMED_OUT)
        self.transport.close()


async def end_overdue(connections: Iterable[Any], seconds: float) -> None:
    """Looks at all connections again and again, and ends those that let us wait for so long.

    One look at all costs less than a timer for each request.
    """
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(min(seconds / 2, MOST_SECONDS_BETWEEN_LOOKS))
        moment = loop.time() - seconds
        for connection in list(connections):
            connection.end_if_waited_since(moment)
