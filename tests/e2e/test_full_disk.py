"""A disk that takes no more: 503 for writes, reads go on, and it heals when there is room."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Server, doorstep, serve_command
from tests.e2e.signed_in import signed_in, stored_order
from tests.e2e.small_disk import SmallDisk, small_disk
from tests.e2e.system_calls import failing

SIZE, LARGER = "3m", "64m"
BIG_ITEM = {"sku": "A", "description": "x" * 2000}
MORE_THAN_FIT = 80
PAGES_BEFORE_A_CHECKPOINT = 1_000
"""SQLite's own; an order takes more than ten."""


@pytest.fixture
def disk(sqlite_file: Path, access_key: str, tmp_path: Path) -> Iterator[SmallDisk]:
    """A small disk with the test's database on it, in which `access_key` has its account."""
    with small_disk(tmp_path / "disk", SIZE) as mounted:
        mounted.take_in(sqlite_file)
        yield mounted


def verify(disk: SmallDisk) -> str:
    path = f"sqlite:///{disk.folder}/doorstep.db"
    return disk.run(sys.executable, "-m", "doorstep.cli", "verify", "--database", path).stdout


def create(http: httpx.Client, name: str) -> httpx.Response:
    return http.post("/v2/order", json={"order_id": name, "order_items": [BIG_ITEM]})


def assert_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0


def writes(parcel: int, item: str) -> list[tuple[str, str, Any]]:
    """One of each kind, on the order FIRST."""
    delivered = {"status": "delivered", "datetime": "2026-01-01T00:00:00Z"}
    return [
        ("POST", "/v2/order", {"order_id": "NEXT", "order_items": [BIG_ITEM]}),
        ("PUT", "/v2/orders/FIRST", {"language": "de"}),
        ("POST", "/v2/orders/FIRST/items", BIG_ITEM),
        ("PUT", f"/v2/orders/FIRST/items/{item}", {"name": "x" * 2000}),
        ("POST", "/v2/order_states", {"order_id": "FIRST", "state": "paid"}),
        ("POST", "/v2/shipments", {"tracking_code": "T-2", "order": {"order_id": "NEXT"}}),
        ("POST", "/v2/carrier_updates", {"shipment_id": parcel, **delivered}),
        ("DELETE", "/v2/orders/FIRST", None),
        ("PUT", "/v2/account", {"language": "fr"}),
    ]


def test_a_full_disk_refuses_writes_alone_and_heals(disk: SmallDisk, access_key: str) -> None:
    with (
        Server(disk.folder / "doorstep.db", under=disk.inside) as server,
        signed_in(server.url, access_key) as http,
    ):
        create(http, "FIRST")
        parcel = http.post("/v2/shipments", json={"order_id": "FIRST", "tracking_code": "T-1"})
        before = stored_order(http, "FIRST")
        assert before is not None
        disk.fill()
        every = writes(parcel.json()["id"], before["order_items"][0]["id"])
        for method, path, body in every:
            assert_unavailable(http.request(method, path, json=body))
        assert http.get("/readyz").status_code == 503
        assert stored_order(http, "FIRST") == before
        assert len(http.get("/v2/orders").json()) == 1
        disk.make_room()
        for method, path, body in every:
            assert http.request(method, path, json=body).is_success, (method, path)
        while http.get("/readyz").status_code == 503:
            pass
        assert http.get("/readyz").status_code == 200
        assert server.process.poll() is None
    assert verify(disk).endswith(" 0 faults\n")


def test_a_log_that_fills_the_disk_leaves_what_was_acknowledged(
    disk: SmallDisk, access_key: str
) -> None:
    """No other program is at fault here, and the log cannot be emptied for want of room."""
    with (
        Server(disk.folder / "doorstep.db", under=disk.inside) as server,
        signed_in(server.url, access_key) as http,
    ):
        answers = {f"A-{n}": create(http, f"A-{n}") for n in range(MORE_THAN_FIT)}
        made = {name for name, answer in answers.items() if answer.status_code == 201}
        refused = answers.keys() - made
        assert made
        assert refused
        for name in refused:
            assert_unavailable(answers[name])
        listed = http.get("/v2/orders?state=new").json()
        assert {order["order_id"] for order in listed} == made
        assert {len(order["order_items"]) for order in listed} == {1}
        disk.grow(LARGER)
        assert {create(http, name).status_code for name in refused} == {201}
    assert verify(disk).endswith(" 0 faults\n")


def test_a_start_without_room_says_so_and_leaves_the_database_alone(disk: SmallDisk) -> None:
    disk.fill()
    path = disk.folder / "doorstep.db"
    started = disk.run(*serve_command(path))
    assert started.returncode == 2
    assert started.stderr.startswith(f"doorstep: The database {path} cannot be used: ")
    assert started.stderr.count("\n") == 1
    disk.make_room()
    with Server(path, under=disk.inside) as server:
        assert httpx.get(f"{server.url}/readyz").status_code == 200


def test_a_write_that_the_system_refuses_is_503_and_heals(server: Server, access_key: str) -> None:
    """A spent quota; a file system that became read-only is the same to SQLite."""
    with signed_in(server.url, access_key) as http:
        assert create(http, "FIRST").status_code == 201
        with failing(server.process.pid, "pwrite64", "EDQUOT"):
            assert_unavailable(create(http, "A"))
            assert stored_order(http, "FIRST") is not None
            assert stored_order(http, "A") is None
        assert create(http, "A").status_code == 201
    assert server.stop() == 0
    checked = doorstep("verify", "--database", f"sqlite:///{server.path}")
    assert checked.stdout == "2 orders replayed, 0 faults\n"


def test_no_room_during_a_checkpoint_holds_up_nobody(server: Server, access_key: str) -> None:
    """The log goes on growing, and is emptied by the first commit for which there is room."""
    log = server.path.with_name("doorstep.db-wal")
    with signed_in(server.url, access_key) as http:
        with failing(server.process.pid, "pwrite64", "ENOSPC", server.path):
            size = server.path.stat().st_size
            made = 0
            while log.stat().st_size < (PAGES_BEFORE_A_CHECKPOINT + 100) * 4096:
                assert create(http, f"A-{made}").status_code == 201
                made += 1
            assert server.path.stat().st_size == size
        assert create(http, "LAST").status_code == 201
        assert server.path.stat().st_size > size
    assert server.stop() == 0
    checked = doorstep("verify", "--database", f"sqlite:///{server.path}")
    assert checked.stdout == f"{made + 1} orders replayed, 0 faults\n"


def test_a_listing_that_cannot_open_the_database_is_503(server: Server, access_key: str) -> None:
    """Listings open their connections when they are first needed: perhaps no file is left then."""
    with signed_in(server.url, access_key) as http:
        with failing(server.process.pid, "openat", "EMFILE", server.path):
            assert_unavailable(http.get("/v2/orders"))
        assert http.get("/v2/orders").status_code == 200
