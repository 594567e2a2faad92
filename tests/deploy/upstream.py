"""A stand-in for a server behind a proxy: shows what the proxy passes on, and when."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECONDS_FOR_A_SIGNAL = 20
SECONDS_TO_STOP = 0.02


class Upstream(ThreadingHTTPServer):
    """Remembers the requests; answers in two parts, the second only when it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.heads: list[dict[str, str]] = []
        self.connections: set[int] = set()
        self.second_part = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(SECONDS_TO_STOP,))
        self._thread.start()

    @property
    def host_port(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Upstream

    def do_GET(self) -> None:
        self.server.connections.add(self.client_address[1])
        self.server.heads.append({name.lower(): text for name, text in self.headers.items()})
        self.send_response(200)
        self.send_header("X-Request-Id", self.headers.get("X-Request-Id", "made-upstream"))
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"1\r\n[\r\n")
        self.wfile.flush()
        self.server.second_part.wait(SECONDS_FOR_A_SIGNAL)
        self.wfile.write(b"1\r\n]\r\n0\r\n\r\n")

    def log_message(self, format: str, *values: object) -> None:
        """Nothing: tests look at the requests themselves."""
