"""A receiver of webhooks in a process of its own: it answers 204 and notes when each event came.

On bare uvloop protocols, as the load generator is: it shares the cores with what is measured.
"""

import asyncio
import multiprocessing
import time
from datetime import datetime
from multiprocessing.connection import Connection
from typing import NamedTuple, cast

import uvloop

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
HEAD_END = b"\r\n\r\n"
RECORDED_AT = b'"recordedat":"'


class Arrived(NamedTuple):
    """An event at the endpoint of that path; `lag` in seconds from its commit's moment."""

    path: str
    at: float
    lag: float


class Protocol(asyncio.Protocol):
    def __init__(self, arrived: list[Arrived]) -> None:
        self._arrived = arrived
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(HEAD_END)
        if not end:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        self._received = b""
        at = time.time()
        recorded = body.split(RECORDED_AT)[1].split(b'"', 1)[0].decode()
        lag = at - datetime.fromisoformat(recorded).timestamp()
        self._arrived.append(Arrived(head.split(b" ", 2)[1].decode(), at, lag))
        self._transport.write(ANSWER)


async def _serve(control: Connection) -> None:
    arrived: list[Arrived] = []
    server = await asyncio.get_running_loop().create_server(
        lambda: Protocol(arrived), "127.0.0.1", 0
    )
    control.send(server.sockets[0].getsockname()[1])
    while True:
        await asyncio.to_thread(control.poll, None)
        if control.recv() == "stop":
            return
        control.send(arrived)


def _process(control: Connection) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(control))


class Receiver:
    """Takes events at `http://127.0.0.1:{port}/`, any path."""

    def __init__(self) -> None:
        self._control, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=_process, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.port: int = self._control.recv()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def arrived(self) -> list[Arrived]:
        """So far."""
        self._control.send("show")
        found: list[Arrived] = self._control.recv()
        return found

    def stop(self) -> None:
        self._control.send("stop")
        self._process.join()
