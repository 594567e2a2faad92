"""A reader of the feed as a stream, as other programs are: on a connection of its own."""

import json
import queue
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple

EVENT_STREAM = "text/event-stream"
MOST_SECONDS = 30.0
"""Without a word from a stream, which is never silent for as long."""


class Frame(NamedTuple):
    """An event of a stream, and when it was read in seconds of the machine's clock."""

    sequence: int
    type: str
    event: dict[str, Any]
    read_at: float


def frames(lines: Iterable[bytes]) -> Iterator[Frame]:
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode().removesuffix("\n").partition(": ")
        if name:
            fields[name] = value
            continue
        if "data" in fields:
            event = json.loads(fields["data"])
            yield Frame(int(fields["id"]), fields["event"], event, time.monotonic())
        fields = {}


class StreamReader:
    """Reads a stream in a thread until it ends, which sets `ended`, or is closed."""

    def __init__(self, url: str, token: str, query: str = "", last_id: int | None = None) -> None:
        self.ended = threading.Event()
        self._frames: queue.Queue[Frame] = queue.Queue()
        self._connection = HTTPConnection(url.removeprefix("http://"), timeout=MOST_SECONDS)
        headers = {"Authorization": f"Bearer {token}", "Accept": EVENT_STREAM}
        if last_id is not None:
            headers["Last-Event-ID"] = str(last_id)
        self._connection.request("GET", f"/v2/events?{query}", headers=headers)
        # Forgotten by the connection where the server says that it is the last answer.
        self._socket = self._connection.sock
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200, self._answer.read()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def __enter__(self) -> "StreamReader":
        return self

    def __exit__(self, *raised: object) -> None:
        if not self.ended.is_set():
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._answer.close()
        self._connection.close()

    def _read(self) -> None:
        with suppress(ConnectionError, HTTPException):
            for frame in frames(self._answer):
                self._frames.put(frame)
        self.ended.set()

    def next(self) -> Frame:
        return self._frames.get(timeout=MOST_SECONDS)
