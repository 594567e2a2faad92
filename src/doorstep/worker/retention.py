"""Each account's own period of keeping, carried out once an hour."""

import asyncio

from doorstep.domain.order import DAY
from doorstep.service.accounts import accounts_with_period
from doorstep.service.retention import purge
from doorstep.service.services import Services

SECONDS_BETWEEN_PASSES = 3_600.0

SHARE_OF_TIME = 0.5
"""Of the time that writing takes, as long as there is something to delete."""


class Retention:
    """Deletes what accounts no longer keep; interrupted, the next pass goes on."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def run(self) -> None:
        """For ever. Raises StoreUnavailable."""
        while True:
            await self.carry_out()
            await asyncio.sleep(SECONDS_BETWEEN_PASSES)

    async def carry_out(self) -> None:
        services = self._services
        for account_id in await accounts_with_period(services.store):
            view = await services.accounts.current_view(account_id)
            days = view.account.retention_days
            if days is not None:
                before = services.clock() - days * DAY
                await purge(services, view, before, share_of_time=SHARE_OF_TIME)
