"""Delivers the log to webhook endpoints: one runner for each, one recorder for all."""

import asyncio
import logging
from contextlib import suppress

from doorstep.service.group import StoreUnavailable
from doorstep.service.retries import Schedule
from doorstep.service.services import Services
from doorstep.service.webhooks.backlogs import measure_backlogs
from doorstep.service.webhooks.endpoint_work import EndpointWork
from doorstep.service.webhooks.event_log import EventLog
from doorstep.service.webhooks.forgetting import forget_old
from doorstep.service.webhooks.loading import (
    ActiveEndpoint,
    accounts_with_webhooks,
    load_active,
)
from doorstep.worker.endpoint_runner import EndpointRunner
from doorstep.worker.webhook_recorder import WebhookRecorder

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
"""How late a new, changed or resumed endpoint or a replay is noticed."""

SECONDS_TO_GATHER = 0.02
"""Events that are committed one after the other are read together."""

SECONDS_BETWEEN_MEASUREMENTS = 2.0
SECONDS_BETWEEN_FORGETTING = 60.0
SECONDS_BETWEEN_STEPS = 0.2
"""Of forgetting what is old: each step is small, that requests do not wait for it."""


class Webhooks:
    """`run` is the worker's task. Two at once would send twice, and lose or reorder nothing."""

    def __init__(self, services: Services, schedule: Schedule) -> None:
        self._services = services
        self._schedule = schedule
        self._log = EventLog(services)
        self._runners: dict[tuple[int, int], EndpointRunner] = {}
        self._recorder = WebhookRecorder(services, self._works, self._wake_all)

    def _works(self) -> list[EndpointWork]:
        return [runner.work for runner in self._runners.values()]

    def _wake_all(self) -> None:
        for runner in self._runners.values():
            runner.wake.set()

    async def run(self) -> None:
        """Until it is cancelled; then what came of what was sent is written down."""
        # What could not be written then is sent again: another worker may have gone on since.
        self._runners.clear()
        self._recorder.forget()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._recorder.run())
                tasks.create_task(self._follow_log())
                tasks.create_task(self._forget())
                tasks.create_task(self._measure())
                while True:
                    await self._look(tasks)
                    await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            await self._recorder.write()

    async def _look(self, tasks: asyncio.TaskGroup) -> None:
        """Starts runners for new endpoints, ends those of others, tells the rest what is new."""
        through = [key for key, runner in self._runners.items() if runner.is_through]
        # What they have left must be on the disk before it is read again, a pause above all.
        if through and not await self._recorder.write():
            return
        for key in through:
            del self._runners[key]
        try:
            active = await load_active(self._services)
        except StoreUnavailable as error:
            log.warning("webhook endpoints cannot be read", extra={"why": str(error)})
            return
        for key, runner in self._runners.items():
            if (
                key in active
                and active[key].endpoint.updated_at == runner.active.endpoint.updated_at
            ):
                runner.active = active[key]
            else:
                runner.stop()
        for key, endpoint in active.items():
            if key not in self._runners:
                self._start(endpoint, tasks)

    def _start(self, endpoint: ActiveEndpoint, tasks: asyncio.TaskGroup) -> None:
        recorder = self._recorder
        runner = EndpointRunner(
            self._services,
            self._log,
            endpoint,
            self._schedule,
            recorder.note,
            lambda: recorder.has_room,
        )
        self._runners[endpoint.key] = runner
        tasks.create_task(runner.run())

    async def _follow_log(self) -> None:
        """Wakes those whose account has new events."""
        while True:
            accounts = {account_id for account_id, _ in self._runners}
            known = {account: self._log.newest.get(account, 0) for account in accounts}
            await self._services.newest.wait(known, SECONDS_BETWEEN_LOOKS)
            await asyncio.sleep(SECONDS_TO_GATHER)
            try:
                changed = await self._log.look({account for account, _ in self._runners})
            except StoreUnavailable:
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
                continue
            for (account_id, _), runner in self._runners.items():
                if account_id in changed:
                    runner.wake.set()

    async def _measure(self) -> None:
        figures = self._services.metrics.webhooks
        with figures.sending():
            while True:
                with suppress(StoreUnavailable):
                    figures.show(await measure_backlogs(self._services))
                await asyncio.sleep(SECONDS_BETWEEN_MEASUREMENTS)

    async def _forget(self) -> None:
        while True:
            try:
                accounts = await accounts_with_webhooks(self._services)
                while accounts:
                    # In turns, so that one with very many does not keep the others waiting.
                    accounts = [one for one in accounts if await forget_old(self._services, one)]
                    await asyncio.sleep(SECONDS_BETWEEN_STEPS)
            except StoreUnavailable as error:
                log.warning("old attempts are not forgotten", extra={"why": str(error)})
            await asyncio.sleep(SECONDS_BETWEEN_FORGETTING)
