"""uvicorn as doorstep runs it, on a socket that is open already."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias

import uvicorn

from doorstep.api.application import Application
from doorstep.http_protocol import HttpProtocol, end_overdue
from doorstep.listening import BACKLOG, doors
from doorstep.site import Site

SECONDS_TO_FINISH = 6
"""How long requests that were taken in may still run when the server is told to stop.

More than a locked database is waited for, and with that once more below the ten seconds after
which supervisors kill.
"""

KEEP_ALIVE_SECONDS = 75


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Goes on with some work for as long as the block lasts."""
    task = asyncio.get_running_loop().create_task(work)
    try:
        yield
    finally:
        task.cancel()
        # It may still have something to write down.
        await asyncio.wait([task])


class Server(uvicorn.Server):
    """Ends by returning, so that what is open can be closed; uvicorn's own dies by the signal.

    `when_serving` is called, with the server, as soon as it takes requests in.
    """

    def __init__(
        self,
        application: Application | Site,
        *,
        forwarded_allow_ips: str,
        request_seconds: float,
        when_serving: "WhenServing",
    ) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=HttpProtocol,
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                backlog=BACKLOG,
                forwarded_allow_ips=forwarded_allow_ips,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=SECONDS_TO_FINISH,
            )
        )
        self._application = application
        self._request_seconds = request_seconds
        self._when_serving = when_serving

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._when_serving(self)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.end_waiting()
        await super().shutdown(sockets)

    async def run_on(self, listening: socket.socket) -> None:
        """Until it is told to stop, and what was taken in by then is finished."""
        async with beside(end_overdue(self.server_state.connections, self._request_seconds)):
            await self.serve(sockets=doors(listening))

    def stop_at(self, *signals: signal.Signals) -> None:
        for how in signals:
            asyncio.get_running_loop().add_signal_handler(how, self.handle_exit, how, None)


WhenServing: TypeAlias = Callable[[Server], None]
