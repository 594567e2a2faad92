"""The sockets that take connections in: one, or one for each process on the same port."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

BACKLOG = 2048
"""Connections that the system keeps for a socket until its process takes them."""

TAKEN_IN_AT_A_TURN = 8
"""Connections that one turn of the event loop takes in."""


class StartError(Exception):
    """Why the server cannot start; one sentence for the user."""


@contextmanager
def open_port(host: str, port: int, count: int) -> Iterator[list[socket.socket]]:
    """As many sockets, among which the system shares out connections. Raises StartError."""
    # Alone at first: where sockets share a port, it would not be refused to one more server.
    first = _bound(host, port)
    made = [first]
    if count > 1:
        port = first.getsockname()[1]
        first.close()
        made = [_bound(host, port, shares=True) for _ in range(count)]
    with ExitStack() as opened:
        for one in made:
            opened.enter_context(one).listen(BACKLOG)
        yield made


def doors(listening: socket.socket) -> list[socket.socket]:
    """The socket, as many times as it is to take connections in at one turn.

    uvloop takes in one by each and turns on. With one door alone the last of many newcomers would
    wait as many turns as there are newcomers, each as long as all that the others ask for; but each
    door costs every connection a look of its own that finds nothing.
    """
    return [listening, *(listening.dup() for _ in range(TAKEN_IN_AT_A_TURN - 1))]


def _bound(host: str, port: int, *, shares: bool = False) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shares:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise StartError(f"Cannot listen on {host}:{port}: {error.strerror or error}.") from None
    return made
