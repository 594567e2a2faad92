"""Fetches the pictures that pages show, each once."""

import asyncio
from collections.abc import Sequence

from doorstep.service.media.fetching import Fetcher
from doorstep.service.media.keeping import fetch_due
from doorstep.service.services import Services
from doorstep.service.webhooks.guard import Network

SECONDS_BETWEEN_LOOKS = 5.0


class Media:
    """A task of the worker; `seconds` is what each picture may take."""

    def __init__(self, services: Services, seconds: float, allowed: Sequence[Network]) -> None:
        self._services = services
        self._seconds = seconds
        self._allowed = allowed

    async def run(self) -> None:
        """For ever. Raises StoreUnavailable."""
        fetcher = Fetcher(self._seconds, self._allowed)
        try:
            while True:
                if not await fetch_due(self._services, fetcher):
                    await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            await fetcher.close()
