"""Running a command on the settings and the database that it was given."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from doorstep import logs, opening
from doorstep.cli.commands import Mistake
from doorstep.config import Settings, load
from doorstep.store.places import PostgresServer, SqliteFile, place_of
from doorstep.store.store import Store

Value = TypeVar("Value")


def settings_of(**options: Any) -> Settings:
    settings = load(options)
    logs.configure(settings.log_level, settings.log_format)
    return settings


def place_of_database(settings: Settings) -> SqliteFile | PostgresServer:
    """Raises Mistake where there is no database."""
    place = place_of(settings.database)
    if not place.is_there():
        raise Mistake(f"There is no database {place}; `doorstep migrate` makes one.")
    return place


def in_store(settings: Settings, use: Callable[[Store], Awaitable[Value]]) -> Value:
    """Runs something on the store of a database that is there, brought up to date."""
    place_of_database(settings).prepare()

    async def run() -> Value:
        async with opening.open_store(settings) as store:
            return await use(store)

    return asyncio.run(run())
