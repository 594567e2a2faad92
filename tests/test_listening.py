"""The port: one socket or several on it, and never two servers."""

import asyncio
import socket
from contextlib import ExitStack, suppress

import pytest
import uvloop

from doorstep.listening import TAKEN_IN_AT_A_TURN, StartError, doors, open_port
from tests.e2e.required import require

CONNECTIONS = 64


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_several_sockets_share_the_connections_of_one_free_port(host: str) -> None:
    require(host != "::1" or has_ipv6(), "IPv6: this machine has no ::1")
    with open_port(host, 0, 3) as sockets:
        (address,) = {one.getsockname() for one in sockets}
        clients = [socket.create_connection(address[:2]) for _ in range(CONNECTIONS)]
        counts = [taken_in(one) for one in sockets]
        for client in clients:
            client.close()
    assert sum(counts) == CONNECTIONS
    assert all(counts)


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def taken_in(listening: socket.socket) -> int:
    """How many connections have come in, all of which are then closed."""
    listening.setblocking(False)
    count = 0
    with suppress(BlockingIOError):
        while True:
            listening.accept()[0].close()
            count += 1
    return count


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("others", [1, 2])
def test_a_port_that_is_taken_is_refused_also_where_sockets_would_share_it(
    count: int, others: int
) -> None:
    with open_port("127.0.0.1", 0, others) as (one, *_):
        port = one.getsockname()[1]
        refused = pytest.raises(StartError, match=f"^Cannot listen on 127.0.0.1:{port}: Address")
        with refused, open_port("127.0.0.1", port, count):
            pass


def test_a_port_is_free_again_at_once() -> None:
    with open_port("127.0.0.1", 0, 2) as (one, *_):
        address = one.getsockname()
    with open_port(*address, 2):
        pass


def test_many_newcomers_wait_few_turns_of_the_event_loop() -> None:
    """Else the last of them waits for all that is asked for meanwhile, once for each of them."""
    with open_port("127.0.0.1", 0, 1) as (listening,), ExitStack() as clients:
        for _ in range(CONNECTIONS):
            clients.enter_context(socket.create_connection(listening.getsockname()))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            turns = runner.run(turns_to_take_in(listening, CONNECTIONS))
    assert turns <= CONNECTIONS // TAKEN_IN_AT_A_TURN + 2


async def turns_to_take_in(listening: socket.socket, count: int) -> int:
    taken: list[asyncio.BaseTransport] = []

    class Taken(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            taken.append(transport)

    loop, turns = asyncio.get_running_loop(), 0
    servers = [await loop.create_server(Taken, sock=door) for door in doors(listening)]
    async with asyncio.timeout(30):
        while len(taken) < count:
            turns += 1
            await asyncio.sleep(0)
    for each in (*servers, *taken):
        each.close()
    return turns
