"""Pictures under addresses of our own: wanted, fetched by the worker, shown on pages."""

import asyncio
import logging
from functools import partial

from doorstep.domain.order import HOUR, SECOND
from doorstep.service.media.fetching import Fetcher
from doorstep.service.media.pictures import MEDIA_TYPE, redraw
from doorstep.service.services import Services
from doorstep.store import media as stored
from doorstep.store.media import DueMedia, Picture

log = logging.getLogger(__name__)

WAITS = (60 * SECOND, HOUR)
"""After the first try that failed, and the second; the third is the last."""

MOST_AT_ONCE = 20


async def picture(services: Services, account_id: int, url_hash: str) -> Picture | None:
    """None as long as it was not fetched, and where another account asks."""
    return await stored.load_picture(services.store.reader, account_id, url_hash)


async def fetch_due(services: Services, fetcher: Fetcher) -> bool:
    """Fetches what is due, one after the other; whether there may be more."""
    due = await stored.load_due(services.store.reader, services.clock(), MOST_AT_ONCE)
    for each in due:
        await _fetch(services, fetcher, each)
    return len(due) == MOST_AT_ONCE


async def _fetch(services: Services, fetcher: Fetcher, due: DueMedia) -> None:
    try:
        drawn = await asyncio.to_thread(redraw, await fetcher.fetch(due.url))
    # Whatever it is: one picture must not keep the worker from all others.
    except Exception as error:
        log.info("a picture was not fetched", extra={"url_hash": due.url_hash, "why": repr(error)})
        next_at = services.clock() + WAITS[due.tries] if due.tries < len(WAITS) else None
        await services.store.write(partial(stored.put_off, due=due, next_at=next_at))
    else:
        kept = Picture(MEDIA_TYPE, drawn)
        now = services.clock()
        await services.store.write(partial(stored.keep, due=due, picture=kept, now=now))
        services.accounts.forget(due.account_id)
