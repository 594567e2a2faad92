"""The one place where things are put together: settings, store, services, API, server."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

import uvicorn
import uvloop

from doorstep.api.application import Application
from doorstep.clock import Clock, now
from doorstep.config import Settings
from doorstep.http_protocol import HttpProtocol, end_overdue
from doorstep.metrics import Metrics
from doorstep.service.access import Access, signing_secret
from doorstep.service.accounts import Accounts
from doorstep.service.group import GroupCommit
from doorstep.service.health import Readiness
from doorstep.service.long_reads import LongReads
from doorstep.service.numbers import Numbers
from doorstep.service.services import Services
from doorstep.store.places import place_of
from doorstep.store.store import Store

log = logging.getLogger(__name__)

SECONDS_TO_FINISH = 6
"""How long requests that were taken in may still run when the server is told to stop.

More than a locked database is waited for, and with that once more below the ten seconds after
which supervisors kill.
"""

KEEP_ALIVE_SECONDS = 75
BACKLOG = 2048
EXIT_UNKNOWN_OUTCOME = 70
FILES = {"database": "The database's file.", "wal": "Its log of newest changes."}


class StartError(Exception):
    """Why the server cannot start; one sentence for the user."""


def _end_process(error: Exception) -> None:
    log.critical("the outcome of a commit is unknown, ending at once", extra={"error": str(error)})
    os._exit(EXIT_UNKNOWN_OUTCOME)


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The store of an up-to-date database."""
    database = place_of(settings.database).open()
    try:
        yield Store(database, _end_process)
    finally:
        await database.close()


@asynccontextmanager
async def open_services(settings: Settings, clock: Clock = now) -> AsyncIterator[Services]:
    metrics = Metrics()
    async with open_store(settings) as store:
        group = GroupCommit(
            store,
            clock,
            metrics,
            most_members=settings.group_size,
            most_waiting=settings.queue_size,
        )
        _measure(metrics, group, settings)
        secret = await signing_secret(store, settings.signing_secret)
        group.start()
        try:
            yield Services(
                store=store,
                group=group,
                long_reads=LongReads(store.database),
                numbers=Numbers(store, settings.queue_size),
                accounts=Accounts(store),
                access=Access(store, secret),
                readiness=Readiness(store, group, clock),
                limits=settings.limits,
                metrics=metrics,
                clock=clock,
            )
        finally:
            await group.close()


def _measure(metrics: Metrics, group: GroupCommit, settings: Settings) -> None:
    """What is read when somebody asks for it."""
    metrics.gauge("doorstep_queue_depth", "Requests that wait to be written.", lambda: group.depth)
    metrics.gauge("doorstep_queue_limit", "Requests that may wait.", lambda: settings.queue_size)
    for what, file in place_of(settings.database).files().items():
        metrics.gauge(f"doorstep_{what}_bytes", FILES[what], partial(_size, file))


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def application(services: Services, settings: Settings, port: int) -> Application:
    return Application(services, settings.base_url(port), access_log=settings.access_log)


def listen(settings: Settings) -> socket.socket:
    """A socket on the settings' host and port. Raises StartError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((settings.host, settings.port))
    except OSError as error:
        found.close()
        place = f"{settings.host}:{settings.port}"
        raise StartError(f"Cannot listen on {place}: {error.strerror or error}.") from None
    found.listen(BACKLOG)
    return found


class Server(uvicorn.Server):
    """Ends by returning, so that what is open can be closed; uvicorn's own dies by the signal."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


Started: TypeAlias = Callable[[Store, str], Awaitable[None]]


async def _serve(settings: Settings, listening: socket.socket, started: Started) -> None:
    port = listening.getsockname()[1]
    async with open_services(settings) as services:
        config = uvicorn.Config(
            application(services, settings, port),
            http=HttpProtocol,
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            forwarded_allow_ips=settings.forwarded_allow_ips,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
        )
        server = Server(config)
        loop = asyncio.get_running_loop()
        for how in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(how, server.handle_exit, how, None)
        await started(services.store, settings.base_url(port))
        connections = server.server_state.connections
        overdue = loop.create_task(end_overdue(connections, settings.request_seconds))
        await server.serve(sockets=[listening])
        overdue.cancel()


def serve(settings: Settings, started: Started) -> None:
    """Serves until told to stop. Raises StartError, UnusableDatabase.

    `started` is awaited with the store and the base URL once the port is open.
    """
    with (
        place_of(settings.database).serving(),
        contextlib.closing(listen(settings)) as listening,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_serve(settings, listening, started))
