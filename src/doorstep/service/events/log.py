"""Reading an account's log on from a sequence."""

from doorstep.store.database import Connection
from doorstep.store.events import LoggedEvent, load_log

__all__ = ["LoggedEvent", "read_log"]


async def read_log(
    connection: Connection, account_id: int, after: int, most: int
) -> list[LoggedEvent]:
    """The events that follow a sequence, as many as asked for.

    Sequences rise in the order of the commits, so that whoever goes on after the last one of
    these misses nothing; they may skip.
    """
    return await load_log(connection, account_id, after, most)
