"""A way to PostgreSQL that breaks exactly around a COMMIT, as a network may."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from typing import TypeAlias

# A statement is named when it is prepared, and only its name is sent from then on.
PREPARED_COMMIT = re.compile(rb"(_pg3_\d+)\0COMMIT\0")
CHUNK_BYTES = 65_536

AtCommit: TypeAlias = Callable[["Passage", bytes], None]
"""What happens to a COMMIT on its way to the server, given as the bytes that hold it."""


class Passage:
    """One connection through the proxy: from `client`, doorstep, to `server`, PostgreSQL.

    With `loses_answers` it breaks when the server answers.
    """

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.loses_answers = False

    def drop_client(self) -> None:
        hang_up(self.client)

    def drop_server(self) -> None:
        hang_up(self.server)


class Proxy:
    """Listens on 127.0.0.1 until `close`. The next COMMIT is left to `at_commit`, if it is set.

    While `is_open` is false, new connections are closed at once. `change_answer` may change what
    the server says.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.at_commit: AtCommit | None = None
        self.is_open = True
        self.change_answer: Callable[[bytes], bytes] = lambda answer: answer
        self.passages: list[Passage] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def url(self, direct: str) -> str:
        """The same database by way of the proxy."""
        return direct.replace(f":{self._server_port}/", f":{self.port}/")

    def close(self) -> None:
        hang_up(self._listening)
        self._threads[0].join()
        self._listening.close()
        for passage in self.passages:
            passage.drop_client()
            passage.drop_server()
        for thread in self._threads[1:]:
            thread.join()
        for passage in self.passages:
            passage.client.close()
            passage.server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if not self.is_open:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._server_port))
                passage = Passage(client, server)
                self.passages.append(passage)
                for carry in (self._to_server, self._to_client):
                    self._threads.append(threading.Thread(target=carry, args=(passage,)))
                    self._threads[-1].start()

    def _to_server(self, passage: Passage) -> None:
        commit = b""
        with contextlib.suppress(OSError):
            while chunk := passage.client.recv(CHUNK_BYTES):
                prepared = PREPARED_COMMIT.search(chunk)
                commit = prepared[1] if prepared else commit
                at_commit = self.at_commit
                if at_commit is not None and commit and b"\0%s\0" % commit in chunk:
                    self.at_commit = None
                    at_commit(passage, chunk)
                else:
                    passage.server.sendall(chunk)
        passage.drop_server()

    def _to_client(self, passage: Passage) -> None:
        with contextlib.suppress(OSError):
            while (chunk := passage.server.recv(CHUNK_BYTES)) and not passage.loses_answers:
                passage.client.sendall(self.change_answer(chunk))
        passage.drop_client()


def hang_up(connection: socket.socket) -> None:
    """Both sides see the end of it; whoever waits for it here goes on."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
