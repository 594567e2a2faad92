"""The real server process: the workflow, what goes on beside it, and its end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from doorstep.client import Client
from doorstep.listening import TAKEN_IN_AT_A_TURN
from tests.conftest import Server, clean_environment, doorstep

LISTENS = "0A"
"""The system's number for a socket's state."""


def test_a_real_server_serves_the_workflow(server: Server, access_key: str) -> None:
    with httpx.Client(base_url=server.url) as http:
        token = http.post("/v2/token", json={"access_key": access_key}).json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        assert http.post("/v2/order", json={"order_id": "A"}).status_code == 201
        http.post("/v2/shipments", json={"order_id": "A", "tracking_code": "T"})
        update = {"tracking_code": "T", "status": "delivered", "datetime": "2026-01-01T00:00:00Z"}
        assert http.post("/v2/carrier_updates", json=update).status_code == 201
        assert http.get("/v2/orders/A").json()["state"] == "completed"
        assert "server" not in http.get("/v2/orders/A").headers


def test_the_quickstart_shows_its_key_once_and_its_walk_works(tmp_path: Path) -> None:
    path = tmp_path / "doorstep.db"
    first = Server(path, "--quickstart")
    printed = "".join(first.log)
    walk = printed[printed.index("  base_url=") : printed.index("doorstep 0")]
    try:
        said = subprocess.run(
            ["bash", "-euc", walk], capture_output=True, text=True, env=clean_environment()
        )
        states = re.findall(r'"state":"(\w+)","states_history"', said.stdout)
        assert states == ["new", "shipped", "completed"], said
    finally:
        first.stop()
    second = Server(path, "--quickstart")
    second.stop()
    assert "ds_1_" in printed
    assert "ds_1_" not in "".join(second.log)


def test_a_key_revoked_by_the_command_line_stops_within_five_seconds(
    server: Server, access_key: str
) -> None:
    token = httpx.post(f"{server.url}/v2/token", json={"access_key": access_key}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert httpx.get(f"{server.url}/v2/orders", headers=headers).status_code == 200
    key_id = access_key.split("_")[2]
    revoked = doorstep("key", "revoke", key_id, "--database", f"sqlite:///{server.path}")
    assert revoked.returncode == 0, revoked.stderr
    deadline = time.monotonic() + 5
    answer = httpx.get(f"{server.url}/v2/orders", headers=headers)
    while answer.status_code == 200 and time.monotonic() < deadline:
        answer = httpx.get(f"{server.url}/v2/orders", headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"code": 401, "message": "Invalid JWT Token"}
    refused = httpx.post(f"{server.url}/v2/token", json={"access_key": access_key})
    assert refused.json() == {"code": 401, "message": "Invalid credentials."}


def test_a_backup_while_serving_holds_every_acknowledged_order(
    server: Server, access_key: str, tmp_path: Path
) -> None:
    acknowledged: list[str] = []
    enough, stop = threading.Event(), threading.Event()

    def load() -> None:
        with Client(server.url, access_key) as client:
            number = 0
            while not stop.is_set():
                acknowledged.append(client.create_order(f"B-{number}").order_id)
                number += 1
                if number == 50:
                    enough.set()

    thread = threading.Thread(target=load)
    thread.start()
    try:
        assert enough.wait(30)
        before = list(acknowledged)
        copy = tmp_path / "copy.db"
        made = doorstep("backup", str(copy), "--database", f"sqlite:///{server.path}")
        assert made.returncode == 0, made.stderr
    finally:
        stop.set()
        thread.join()
    restored = Server(copy)
    try:
        with Client(restored.url, access_key) as client:
            kept = {order.order_id for order in client.orders()}
    finally:
        restored.stop()
    assert kept >= set(before)
    checked = doorstep("verify", "--database", f"sqlite:///{copy}", "--json")
    assert json.loads(checked.stdout)["faults"] == []


def test_a_second_server_on_the_same_file_is_refused(server: Server) -> None:
    second = doorstep("serve", "--port", "0", "--database", f"sqlite:///{server.path}")
    assert second.returncode == 2
    assert second.stderr == f"doorstep: Another doorstep is serving {server.path}.\n"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_finishes_and_leaves_cleanly(
    server: Server, access_key: str, how: signal.Signals
) -> None:
    with Client(server.url, access_key) as client:
        client.create_order("A")
        began = time.monotonic()
        assert server.stop(how) == 0
    assert time.monotonic() - began < 10
    assert not Path(f"{server.path}-wal").exists(), "the database was not closed"
    assert "Traceback" not in "".join(server.log)
    checked = doorstep("verify", "--database", f"sqlite:///{server.path}")
    assert checked.stdout == "1 orders replayed, 0 faults\n"


def test_starting_needs_no_network(sqlite_file: Path) -> None:
    """In a namespace without any network but its own loopback the server still starts."""
    serve = [sys.executable, "-m", "doorstep.cli", "serve", "--port", "0"]
    program = [*serve, "--database", f"sqlite:///{sqlite_file}"]
    isolated = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*isolated, "true"], capture_output=True).returncode != 0:
        pytest.skip("UNSHARE IS NOT POSSIBLE HERE: starting without a network was not tried")
    process = subprocess.Popen(
        [*isolated, "sh", "-c", 'ip link set lo up 2>/dev/null; exec "$@"', "sh", *program],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert " serves http://127.0.0.1:" in first


def test_a_slow_client_stops_no_other(server: Server, access_key: str) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(50)]
    try:
        for connection in slow:
            connection.sendall(
                b"POST /v2/order HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
            )
        with Client(server.url, access_key) as client:
            assert client.create_order("A").state == "new"
    finally:
        for connection in slow:
            connection.close()


def test_a_client_of_http_1_0_gets_a_listing_whole(server: Server, access_key: str) -> None:
    token = httpx.post(f"{server.url}/v2/token", json={"access_key": access_key}).json()["token"]
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        request = f"GET /v2/orders?state=new HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n"
        connection.sendall(request.encode())
        answer = connection.makefile("rb").read()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"chunked" not in head.lower()
    assert body == b"[]"


def test_a_flood_of_headers_ends_its_connection_only(server: Server, access_key: str) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as flood:
        flood.sendall(b"GET /v2/orders HTTP/1.1\r\n")
        header = b"X-Flood: " + b"x" * 1000 + b"\r\n"
        with pytest.raises(ConnectionError):
            flood.sendall(header * 100_000)
    with Client(server.url, access_key) as client:
        assert client.create_order("A").state == "new"


def test_it_waits_for_newcomers_at_every_door(server: Server) -> None:
    """What several doors are good for: tests/test_listening.py."""
    process = Path(f"/proc/{server.process.pid}")
    port = f":{int(server.url.rsplit(':', 1)[1]):04X}"
    rows = [line.split() for line in (process / "net/tcp").read_text().splitlines()[1:]]
    (inode,) = [row[9] for row in rows if row[1].endswith(port) and row[3] == LISTENS]
    opened = [os.readlink(each) for each in (process / "fd").iterdir()]
    assert opened.count(f"socket:[{inode}]") == TAKEN_IN_AT_A_TURN
