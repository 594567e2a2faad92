"""Looking names up: each in a thread of its own, so that a slow one holds up no other."""

import asyncio
import socket
import threading
from contextlib import suppress

from aiohttp.abc import AbstractResolver, ResolveResult

MOST_LOOKUPS = 256
"""At the same time: each is a thread, which waits up to half a minute for a silent name server."""

NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Resolver(AbstractResolver):
    """The system's addresses of a name; whoever asks for a name that is being looked up, waits.

    The threads are daemons: unlike an executor's, they do not keep a process from ending.
    """

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Future[list[str]]] = {}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises OSError for a name that has no address."""
        found = self._running.get(host)
        if found is None:
            if len(self._running) >= MOST_LOOKUPS:
                raise OSError("too many names are being looked up")
            found = self._running[host] = self._look_up(host)
        # Whoever stops waiting does not stop the others.
        addresses = await asyncio.shield(found)
        return [_result(host, address, port) for address in addresses]

    def _look_up(self, host: str) -> asyncio.Future[list[str]]:
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[str]] = loop.create_future()

        def settle(addresses: list[str] | None) -> None:
            del self._running[host]
            if addresses is None:
                found.set_exception(OSError("the name has no address"))
                found.exception()  # There may be nobody left to take it.
            else:
                found.set_result(addresses)

        def ask() -> None:
            addresses = _addresses_of(host)
            # Closed when the process ended meanwhile.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, addresses)

        threading.Thread(target=ask, name=f"look up {host}", daemon=True).start()
        return found

    async def close(self) -> None:
        return None


def _addresses_of(host: str) -> list[str] | None:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    # The name may be none that could be asked for (UnicodeError).
    except (OSError, ValueError):
        return None
    # Without the zone of a link-local address, which is refused with one as without.
    return list(dict.fromkeys(str(entry[4][0]).split("%")[0] for entry in found))


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(
        hostname=host, host=address, port=port, family=family, proto=0, flags=NUMERIC
    )
