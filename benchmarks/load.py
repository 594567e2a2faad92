"""A load generator: keep-alive connections in a closed loop, in a process of its own.

Each connection sends its next request when the answer to the last one is whole. Written on bare
uvloop protocols, as an HTTP client library would cost more than the server that it measures.
"""

import asyncio
import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

import uvloop

Requests = Callable[[int], Iterator[bytes]]
"""The requests of one connection, by its number."""

HEAD_END = b"\r\n\r\n"


class Measured(NamedTuple):
    """`seconds` of wall clock, latencies in seconds, answers that were not 2xx.

    `answered`: how many requests each connection got through.
    """

    seconds: float
    latencies: list[float]
    refused: int
    answered: list[int]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """A latency in milliseconds below which `share` of them lie."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


class Connection(asyncio.Protocol):
    """One connection of the loop."""

    def __init__(
        self,
        requests: Iterator[bytes],
        until: float,
        done: Callable[[], None],
        seconds_between: float = 0.0,
    ) -> None:
        self._requests = requests
        self._between = seconds_between
        self._next_at = time.perf_counter() + random.uniform(0, seconds_between)
        self._until = until
        self._done = done
        self._received = b""
        self._sent_at = 0.0
        self.latencies: list[float] = []
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._send()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        request = next(self._requests, None) if self._sent_at < self._until else None
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not _is_whole(self._received):
            return
        self.latencies.append(time.perf_counter() - self._sent_at)
        if not self._received.startswith(b"HTTP/1.1 2"):
            self.refused += 1
        self._received = b""
        self._next_at += self._between
        late = max(0.0, self._next_at - time.perf_counter()) if self._between else 0.0
        if late:
            asyncio.get_running_loop().call_later(late, self._send)
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._done()


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(HEAD_END)
    if not end:
        return False
    lower = head.lower()
    position = lower.find(b"content-length:")
    if position < 0:
        return b"transfer-encoding: chunked" not in lower or body.endswith(b"0\r\n\r\n")
    return len(body) >= int(lower[position + 15 :].split(b"\r\n", 1)[0])


async def _run(
    port: int, connections: int, seconds: float, requests: Requests, per_second: float | None
) -> Measured:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    left = connections

    def one_done() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            ended.set()

    began = time.perf_counter()
    protocols = []
    for number in range(connections):
        between = connections / per_second if per_second else 0.0
        protocol = Connection(requests(number), began + seconds, one_done, between)
        await loop.create_connection(lambda p=protocol: p, "127.0.0.1", port)  # type: ignore[misc]
        protocols.append(protocol)
    await ended.wait()
    return Measured(
        time.perf_counter() - began,
        [latency for protocol in protocols for latency in protocol.latencies],
        sum(protocol.refused for protocol in protocols),
        [len(protocol.latencies) for protocol in protocols],
    )


def _process(results, *options) -> None:  # type: ignore[no-untyped-def]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        results.send(runner.run(_run(*options)))


class Running:
    """Load that was started; `result` waits for its end.

    `per_second`: of all connections together, as far as the server keeps up; None: as fast as it
    answers.
    """

    def __init__(
        self,
        port: int,
        connections: int,
        seconds: float,
        requests: Requests,
        per_second: float | None = None,
    ) -> None:
        self._results, sending = multiprocessing.Pipe(duplex=False)
        # Forked, so that requests may be any function; the parent runs no threads at this point.
        context = multiprocessing.get_context("fork")
        self._process = context.Process(
            target=_process, args=(sending, port, connections, seconds, requests, per_second)
        )
        self._process.start()
        sending.close()

    def result(self) -> Measured:
        measured: Measured = self._results.recv()
        self._process.join()
        return measured


def load(
    port: int,
    connections: int,
    seconds: float,
    requests: Requests,
    per_second: float | None = None,
) -> Measured:
    """Runs the load to its end."""
    return Running(port, connections, seconds, requests, per_second).result()
