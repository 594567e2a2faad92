"""`python -m tests.e2e.watching URL`: a process that watches deadlines without asking for the seat.

As one does that has lost it and has not noticed yet. It prints a line once it watches.
"""

import asyncio
import sys

from doorstep import app, opening
from doorstep.config import load
from doorstep.worker.deadlines import Watch


async def watch(url: str) -> None:
    settings = load({"database": url}, environ={})
    async with (
        opening.open_store(settings) as store,
        app.open_services(store, settings) as services,
    ):
        print("watching", flush=True)
        await Watch(services).run()


if __name__ == "__main__":
    asyncio.run(watch(sys.argv[1]))
