"""Running what was put together: `doorstep serve` in one process or several, `doorstep worker`."""

import asyncio
import logging
import shutil
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import uvloop

from doorstep.api.application import Application
from doorstep.app import application, open_services, site, worker
from doorstep.config import Settings
from doorstep.listening import StartError, open_port
from doorstep.metrics import Kept, Metrics
from doorstep.opening import open_store
from doorstep.processes import Processes, hold_signals, tell_parent
from doorstep.roster import Roster
from doorstep.service.access import signing_secret
from doorstep.serving import Server, WhenServing, beside
from doorstep.site import Site
from doorstep.store.places import place_of
from doorstep.store.store import Store

log = logging.getLogger(__name__)

ONE_PROCESS = "SQLite is written by one process; more than one need a database on PostgreSQL."

Welcome: TypeAlias = Callable[[Store, str], Awaitable[None]]


async def _serve(
    settings: Settings, listening: socket.socket, metrics: Metrics, when_serving: WhenServing
) -> None:
    async with (
        open_store(settings) as store,
        open_services(store, settings, metrics=metrics) as services,
    ):
        port = listening.getsockname()[1]
        served = site(services, settings, application(services, settings, port))
        server = _server(served, settings, when_serving)
        async with AsyncExitStack() as works_beside:
            await works_beside.enter_async_context(beside(metrics.read_for_others()))
            if settings.worker:
                works = worker(services, settings, settings.base_url(port))
                await works_beside.enter_async_context(beside(works.run()))
            await server.run_on(listening)


def _run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


async def _prepare(settings: Settings, welcome: Welcome, base_url: str) -> Settings:
    """With the signing secret, so that a process can start while the database is away."""
    async with open_store(settings) as store:
        await welcome(store, base_url)
        secret = await signing_secret(store, settings.signing_secret)
    return replace(settings, signing_secret=secret)


def serve(settings: Settings, welcome: Welcome, announce: Callable[[str], None]) -> int:
    """Serves until told to stop; the exit code. Raises StartError, UnusableDatabase.

    `welcome` is awaited with the store and the base URL once the port is open, `announce` called
    with the base URL once requests are taken in.
    """
    place = place_of(settings.database)
    if settings.processes > 1 and not place.takes_many_processes:
        raise StartError(ONE_PROCESS)
    with (
        place.serving(),
        open_port(settings.host, settings.port, settings.processes) as sockets,
    ):
        base_url = settings.base_url(sockets[0].getsockname()[1])
        if settings.processes > 1:
            hold_signals()
        settings = asyncio.run(_prepare(settings, welcome, base_url))
        if settings.processes > 1:
            return _serve_together(settings, sockets, partial(announce, base_url))

        def when_serving(server: Server) -> None:
            server.stop_at(signal.SIGTERM, signal.SIGINT)
            announce(base_url)

        _run(_serve(settings, sockets[0], Metrics(), when_serving))
        return 0


def work(settings: Settings, announce: Callable[[str | None], None]) -> int:
    """Works until told to stop; the exit code. Raises StartError, UnusableDatabase.

    `announce` is called once it works, or waits for another worker to end, with the URL of its
    figures, None where there is no port for them.
    """
    place_of(settings.database).prepare()
    with ExitStack() as opened:
        listening = None
        if settings.worker_port is not None:
            port = open_port(settings.host, settings.worker_port, 1)
            (listening,) = opened.enter_context(port)
        _run(_work(settings, listening, announce))
    return 0


async def _work(
    settings: Settings, listening: socket.socket | None, announce: Callable[[str | None], None]
) -> None:
    async with (
        open_store(settings) as store,
        open_services(store, settings) as services,
        beside(worker(services, settings, settings.base_url(), logging.INFO).run()),
    ):
        if listening is None:
            told_to_stop = asyncio.Event()
            for how in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(how, told_to_stop.set)
            announce(None)
            await told_to_stop.wait()
            return
        url = replace(settings, public_url=None).base_url(listening.getsockname()[1])

        def when_serving(server: Server) -> None:
            server.stop_at(signal.SIGTERM, signal.SIGINT)
            announce(url)

        figures = Application(services, url, access_log=settings.access_log, only_health=True)
        await _server(figures, settings, when_serving).run_on(listening)


def _server(
    application: Application | Site, settings: Settings, when_serving: WhenServing
) -> Server:
    return Server(
        application,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        request_seconds=settings.request_seconds,
        when_serving=when_serving,
    )


def _serve_together(
    settings: Settings, sockets: list[socket.socket], announce: Callable[[], None]
) -> int:
    roster = Roster(len(sockets))
    with TemporaryDirectory(prefix="doorstep-metrics-") as name:
        folder = Path(name)

        def work(place: int, listening: socket.socket, lifeline: socket.socket) -> None:
            def when_serving(server: Server) -> None:
                server.stop_at(signal.SIGTERM)
                tell_parent(lifeline, partial(_orphaned, server, folder))

            metrics = Metrics(roster, Kept(folder, place))
            _run(_serve(settings, listening, metrics, when_serving))

        return Processes(sockets, roster, work).run(announce)


def _orphaned(server: Server, folder: Path) -> None:
    """The parent would have removed it."""
    log.error("the parent process is gone: ending")
    server.should_exit = True
    shutil.rmtree(folder, ignore_errors=True)
