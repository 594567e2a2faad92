"""A receiver of webhooks: a real HTTP server on a port of its own, answering as it is told."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

SECONDS_TO_END = 10
SECONDS_BETWEEN_LOOKS = 0.01
"""Whether it was stopped."""


class Received(NamedTuple):
    """A request as it came; `headers` by lower-case name."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    status: int = 204
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class Receiver:
    """Keeps what it received; `answer` is asked what to answer to each."""

    def __init__(
        self,
        answer: Callable[[Received], Answer] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.received: list[Received] = []
        self.answer = answer or (lambda received: Answer())
        self.connections = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = SECONDS_TO_END

            def setup(self) -> None:
                super().setup()
                receiver.connections += 1

            def handle(self) -> None:
                # Who was refused by the client has nothing to say.
                with suppress(OSError):
                    super().handle()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received = Received(self.command, self.path, headers, body)
                receiver.received.append(received)
                answer = receiver.answer(received)
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST  # noqa: N815 — http.server's own spelling

            def log_message(self, *what: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            # The handshake is for the connection's own thread.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(SECONDS_BETWEEN_LOOKS,), daemon=True
        )
        self._thread.start()

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(SECONDS_TO_END)


class RawServer:
    """Calls `handle` with each connection, in a thread of its own, and closes it afterwards."""

    def __init__(self, handle: Callable[[socket.socket], None], host: str = "127.0.0.1") -> None:
        self.connections = 0
        self._handle = handle
        self._listening = socket.create_server((host, 0), backlog=1_000)
        self.port = self._listening.getsockname()[1]
        self.url = f"http://{host}:{self.port}/"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(SECONDS_TO_END)
            self._handle(connection)

    def __enter__(self) -> "RawServer":
        return self

    def __exit__(self, *raised: object) -> None:
        # Closing alone would not wake who accepts.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(SECONDS_TO_END)
