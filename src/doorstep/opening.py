"""The store of the database that the settings name."""

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from doorstep.config import Settings
from doorstep.store.places import place_of
from doorstep.store.store import Store

log = logging.getLogger(__name__)

EXIT_UNKNOWN_OUTCOME = 70


def end_process(error: Exception) -> None:
    log.critical("the outcome of a commit is unknown, ending at once", extra={"error": str(error)})
    os._exit(EXIT_UNKNOWN_OUTCOME)


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The store of an up-to-date database."""
    database = place_of(settings.database).open()
    try:
        yield Store(database, end_process)
    finally:
        await database.close()
