"""The one place where things are put together: settings, store, services, API, worker."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from doorstep.api.application import Application
from doorstep.clock import Clock, now
from doorstep.config import Settings
from doorstep.metrics import Metrics
from doorstep.service.access import Access, signing_secret
from doorstep.service.accounts import Accounts
from doorstep.service.events.streams import EventStreams
from doorstep.service.group import GroupCommit
from doorstep.service.health import Readiness
from doorstep.service.long_reads import LongReads
from doorstep.service.mails.message import usual_address
from doorstep.service.mails.outbox import MailSender
from doorstep.service.media.items import ItemPictures
from doorstep.service.newest import Newest
from doorstep.service.numbers import Numbers
from doorstep.service.order_watch import OrderWatch
from doorstep.service.overviews import Overviews
from doorstep.service.put_aside import PutAside
from doorstep.service.retries import read_schedule
from doorstep.service.services import Services
from doorstep.service.webhooks.guard import read_networks
from doorstep.service.webhooks.sending import Sender
from doorstep.site import Site
from doorstep.store.places import place_of
from doorstep.store.store import Store
from doorstep.web.pages import Pages
from doorstep.worker.deadlines import Watch
from doorstep.worker.mail import Mailer
from doorstep.worker.mail_server import read_smtp_url
from doorstep.worker.media import Media
from doorstep.worker.retention import Retention
from doorstep.worker.webhooks import Webhooks
from doorstep.worker.worker import Worker

log = logging.getLogger(__name__)

Work: TypeAlias = Callable[[], Awaitable[None]]

FILES = {"database": "The database's file.", "wal": "Its log of newest changes."}


@asynccontextmanager
async def open_services(
    store: Store, settings: Settings, clock: Clock = now, metrics: Metrics | None = None
) -> AsyncIterator[Services]:
    metrics = metrics or Metrics()
    newest = Newest(store.reader)
    group = GroupCommit(
        store,
        clock,
        metrics,
        newest,
        most_members=settings.group_size,
        most_waiting=settings.queue_size,
    )
    secret = await signing_secret(store, settings.signing_secret)
    allowed = read_networks(settings.webhook_allow_networks)
    services = Services(
        store=store,
        group=group,
        newest=newest,
        event_streams=EventStreams(store.reader, newest, settings.limits.max_event_streams),
        order_watch=OrderWatch(store.reader, newest),
        item_pictures=ItemPictures(store),
        sender=Sender(clock, settings.webhook_seconds, allowed),
        long_reads=LongReads(store.database),
        overviews=Overviews(clock),
        numbers=Numbers(store, settings.queue_size),
        put_aside=PutAside(),
        accounts=Accounts(store),
        access=Access(store, secret),
        readiness=Readiness(store, group, clock),
        limits=settings.limits,
        metrics=metrics,
        clock=clock,
    )
    _measure(services, settings)
    group.start()
    try:
        yield services
    finally:
        await group.close()
        await services.sender.close()
        await services.order_watch.close()
        await newest.close()
        await services.access.key_use.close()
        await services.item_pictures.close()


def _measure(services: Services, settings: Settings) -> None:
    """What is read when somebody asks for it."""
    group, metrics = services.group, services.metrics
    for name, meaning, read in (
        ("queue_depth", "Requests that wait to be written.", lambda: group.depth),
        ("queue_limit", "Requests that may wait.", lambda: settings.queue_size),
        ("event_streams", "Requests that wait for events.", lambda: services.event_streams.count),
        ("watch_lag_seconds", "How late the watch is.", lambda: metrics.watch.lag),
        (
            "live_pages",
            "Tracking pages that are told of changes.",
            lambda: services.order_watch.count,
        ),
        (
            "orders_put_aside",
            "Orders that the watch cannot bring up to date.",
            lambda: len(services.put_aside),
        ),
        ("mails_waiting", "Mails to be sent.", lambda: metrics.mail.waiting),
        (
            "mails_oldest_due_seconds",
            "How long ago the first mail that waits should have been sent.",
            lambda: metrics.mail.seconds_due,
        ),
    ):
        metrics.gauge(f"doorstep_{name}", meaning, read)
    for what, file in place_of(settings.database).files().items():
        metrics.gauge(f"doorstep_{what}_bytes", FILES[what], partial(_size, file))


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def application(services: Services, settings: Settings, port: int) -> Application:
    """The API alone."""
    return Application(services, settings.base_url(port), access_log=settings.access_log)


def site(services: Services, settings: Settings, api: Application) -> Site:
    """All that one port serves."""
    is_secure = (settings.public_url or "").startswith("https:")
    return Site(api, Pages(services, is_secure=is_secure, access_log=settings.access_log))


def worker(
    services: Services, settings: Settings, base_url: str, weight: int = logging.DEBUG
) -> Worker:
    """What this process does beside its requests, or for another that serves them.

    `base_url` is where the links in mails lead; `weight` that of what the log says of the seat.
    """
    take_seat = services.store.database.worker_seat.take
    tasks = works(services, settings, base_url)
    return Worker(take_seat, tasks, services.metrics.works, weight)


def works(services: Services, settings: Settings, base_url: str) -> dict[str, Work]:
    """The worker's tasks by name."""
    schedule = read_schedule(settings.retry_seconds)
    allowed = read_networks(settings.webhook_allow_networks)
    tasks: dict[str, Work] = {
        "deadlines": Watch(services).run,
        "retention": Retention(services).run,
        "webhooks": Webhooks(services, schedule).run,
        "media": Media(services, settings.webhook_seconds, allowed).run,
    }
    if settings.smtp_url is not None:
        if settings.public_url is None:
            log.warning("mails lead to no public URL", extra={"base_url": base_url})
        sender = mail_sender(settings, base_url)
        server = read_smtp_url(settings.smtp_url)
        tasks["mail"] = Mailer(services, server, sender, schedule).run
    return tasks


def mail_sender(settings: Settings, base_url: str) -> MailSender:
    return MailSender(settings.mail_from or usual_address(base_url), base_url)
