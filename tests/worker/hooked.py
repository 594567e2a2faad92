"""The webhooks' task beside an API of a test, and a receiver on a real socket in the same loop."""

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from doorstep.domain.order import SECOND
from doorstep.service.retries import Schedule
from doorstep.service.webhooks.signing import new_secret
from doorstep.worker.webhooks import Webhooks
from tests.conftest import Api
from tests.databases import execute
from tests.webhook_endpoints import insert_endpoint

SCHEDULE = Schedule((5 * SECOND, 30 * SECOND))
MOST_SECONDS = 30

_numbers = itertools.count(1)


class Receiver:
    """`answer` is asked what to answer to each event: a status, or a whole response."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any] = lambda event: 204) -> None:
        self.answer = answer
        self.received: list[dict[str, Any]] = []
        self.port = 0

    async def start(self) -> None:
        application = web.Application()
        application.router.add_post("/", self._take)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        event = json.loads(await request.read())
        self.received.append(event)
        answer = self.answer(event)
        if asyncio.iscoroutine(answer):
            answer = await answer
        return answer if isinstance(answer, web.Response) else web.Response(status=answer)

    @property
    def sequences(self) -> list[int]:
        return [event["sequence"] for event in self.received]


class Hooked:
    """An account's endpoints, each with a receiver, and the task that sends to them."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.receivers: list[Receiver] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.released = asyncio.Event()

    def endpoint(
        self, receiver: Receiver, types: tuple[str, ...] | None = None, account_id: int = 1
    ) -> int:
        """Its number; it wants the events from now on."""
        self.api.run(receiver.start())
        self.receivers.append(receiver)
        number = next(_numbers)
        url = f"http://127.0.0.1:{receiver.port}/"
        insert_endpoint(self.api.database, number, url, new_secret("v1"), types, account_id)
        return number

    def resume(self, endpoint: int) -> None:
        """As the API does."""
        set_ = "paused_at = NULL, paused_because = NULL, failing_since = NULL, updated_at = ?"
        where = "WHERE account_id = 1 AND endpoint_number = ?"
        moment = self.api.clock()
        deliveries = "next_at = ?, tries = 0"
        self.change(
            (f"UPDATE webhook_endpoints SET {set_} {where}", moment, endpoint),
            (
                f"UPDATE webhook_deliveries SET {deliveries} {where} AND next_at IS NOT NULL",
                moment,
                endpoint,
            ),
        )

    def work(self, worker: Webhooks | None = None) -> None:
        """Begins to send, with one worker more."""

        async def start() -> None:
            task = (worker or Webhooks(self.api.services, SCHEDULE)).run()
            self.tasks.append(asyncio.create_task(task))

        self.api.run(start())

    def stop(self) -> None:
        """What came of what was sent is written then."""

        async def stop() -> None:
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)

        self.api.run(stop())
        self.tasks.clear()

    def until(self, condition: Callable[[], bool], *, each_look: int = 0) -> None:
        """Lets everything go on until then; the clock moves by as many microseconds each time."""

        async def wait() -> None:
            async with asyncio.timeout(MOST_SECONDS):
                while not condition():
                    self.api.clock.now += each_look
                    await asyncio.sleep(0.005)

        self.api.run(wait())

    def execute(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return execute(self.api.database, sql, *values)

    def change(self, *statements: tuple[Any, ...]) -> None:
        """As another process does: each is SQL and its values.

        Between two writes of the tasks, as those could not end while the loop stands still.
        """

        async def alone() -> None:
            async with self.api.services.store.writing:
                for sql, *values in statements:
                    self.execute(sql, *values)

        self.api.run(alone())

    def metric(self, name: str, **labels: Any) -> float:
        """As `/metrics` shows it; 0 where it does not."""
        chosen = ",".join(f'{label}="{value}"' for label, value in labels.items())
        wanted = f"doorstep_webhook_{name}{{{chosen}}} " if labels else f"doorstep_webhook_{name} "
        lines = self.api.services.metrics.exposition().decode().splitlines()
        return sum(float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted))

    def attempts(self) -> int:
        return int(self.execute("SELECT count(*) FROM webhook_attempts")[0][0])

    def waiting(self) -> int:
        """Webhook deliveries that are written down as waiting."""
        count = "SELECT count(*) FROM webhook_deliveries WHERE next_at IS NOT NULL"
        return int(self.execute(count)[0][0])


@contextmanager
def hooked(api: Api) -> Iterator[Hooked]:
    opened = Hooked(api)
    try:
        yield opened
    finally:
        opened.stop()
        for receiver in opened.receivers:
            api.run(receiver.stop())
