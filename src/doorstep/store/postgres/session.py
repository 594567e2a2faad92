"""A session on PostgreSQL: how it is reached, and what holds in it whatever the defaults are."""

from typing import Any, TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.numeric import Int8Dumper

Driver: TypeAlias = psycopg.AsyncConnection[tuple[Any, ...]]

CONNECT_SECONDS = 2
APPLICATION_NAME = "doorstep"
LIVENESS = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""How soon a server that has gone silent is given up, where the URL says nothing else."""

FROM_THE_PRIMARY = {"target_session_attrs": "read-write"}
"""After a failover a URL may lead to a replica: what it answers may be of before it."""

SESSION = {
    # One plan for each statement, whatever its values and however many rows there are so far: by
    # an index, and nested loops over what it found.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "enable_sort": "off",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "lock_timeout": "5s",
    # Of a process whose machine has died, the locks go too.
    "idle_in_transaction_session_timeout": "10s",
    # That a replica has not confirmed a commit is only ever said by one.
    "client_min_messages": "warning",
    "timezone": "UTC",
}

DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'"
)
"""An answer survives a loss of power. Whether it waits for a replica is for the server to say."""

PREPARED = 1_000
"""Statements that stay prepared: more than there are named ones."""


def one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")


def with_liveness(url: str) -> dict[str, Any]:
    """What to connect by: the URL, and what it leaves open of LIVENESS and FROM_THE_PRIMARY.

    The name is ours whatever the URL says, as an import looks for others of it.
    """
    given = {**LIVENESS, **FROM_THE_PRIMARY, **conninfo_to_dict(url)}
    return given | {"application_name": APPLICATION_NAME}


async def connect(url: str) -> Driver:
    """Raises psycopg.Error."""
    connection: Driver = await psycopg.AsyncConnection.connect(
        **with_liveness(url), autocommit=True, prepare_threshold=0
    )
    connection.prepared_max = PREPARED
    # Else a number's size would choose its type, and each type another plan.
    connection.adapters.register_dumper(int, Int8Dumper)
    settings = ", ".join(f"set_config('{name}', '{to}', false)" for name, to in SESSION.items())
    try:
        await connection.execute(f"SELECT {settings}", prepare=False)
        await connection.execute(DURABLE, prepare=False)
    except BaseException:
        await connection.close()
        raise
    return connection
