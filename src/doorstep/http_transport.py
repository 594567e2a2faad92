"""An answer in one system call.

uvicorn writes an answer's head and its body one by one. Measured in turn on one machine: written at
once, an order read by its id takes over a quarter less processor time.
"""

import asyncio
from typing import Any

MOST_GATHERED = 65_536
"""Bytes beyond which writing at once would only cost a copy, and delay the wait for the client."""


class GatheringTransport:
    """A transport that writes what one turn of the event loop gave it at once."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)
        self._size += len(data)
        if self._size > MOST_GATHERED:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        parts, size = self._parts, self._size
        self._parts, self._size = [], 0
        if size <= MOST_GATHERED:
            parts = [b"".join(parts)] if parts else []
        for part in parts:
            self._transport.write(part)
