"""A receiver of webhooks, a process of its own: `python -m tests.e2e.hook_receiver PORT FILE SEED`.

It reads its secret from the environment, checks every signature, and answers by a plan that the
seed makes: most often 200, else 500, 429 with `Retry-After`, nothing, or a connection that is cut
off. What it takes it has on the disk, a line each, before it says so.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from random import Random

from aiohttp import web
from standardwebhooks import Webhook

SECRET = "HOOK_SECRET"
PLAN = {"take": 84, "refuse": 5, "ask_for_patience": 3, "say_nothing": 1, "cut_off": 3, "forget": 4}
"""Of a hundred requests; `forget` takes it, and cuts the connection off before it says so."""

RETRY_AFTER = {"Retry-After": "1"}
FORGED = "forged"
"""The line of a request whose signature is not right."""


class Receiver:
    def __init__(self, path: Path, seed: int) -> None:
        self._file = path.open("ab", buffering=0)
        self._webhook = Webhook(os.environ[SECRET])
        self._chance = Random(f"{seed} {os.getpid()}")

    async def take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            event = self._webhook.verify(body, dict(request.headers))
        except Exception as error:
            self._keep(FORGED, str(error))
            return web.Response(status=400)
        (step,) = self._chance.choices(list(PLAN), list(PLAN.values()))
        if step in ("take", "forget"):
            self._keep(request.headers["webhook-id"], event["subject"])
        match step:
            case "refuse":
                return web.Response(status=500, text="Not today.")
            case "ask_for_patience":
                return web.Response(status=429, headers=RETRY_AFTER)
            case "say_nothing":
                await asyncio.Event().wait()
            case "cut_off" | "forget":
                assert request.transport is not None
                request.transport.abort()
        return web.Response()

    def _keep(self, *what: str) -> None:
        self._file.write(json.dumps(what).encode() + b"\n")
        os.fsync(self._file.fileno())


def main() -> None:
    port, path, seed = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    receiver = Receiver(path, seed)
    application = web.Application()
    application.router.add_post("/", receiver.take)
    web.run_app(
        application, host="127.0.0.1", port=port, access_log=None, print=None, handle_signals=False
    )


if __name__ == "__main__":
    main()
