"""The order list as a file: its form, and how it goes out."""

import asyncio
import csv
import io
from collections.abc import Callable
from typing import Any

import apsw
import pytest

from doorstep.service import whole_listings
from doorstep.web.dashboard.orders.csv import guarded
from tests.conftest import Api
from tests.web.dashboard.visitor import SESSION, Visitor

CSV = "/dashboard/orders.csv"


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("=1+1", False),
        ("+43 1", False),
        ("-1", False),
        ("@SUM(A1)", False),
        ("\tA", False),
        ("\rA", False),
        ("\uff1d1", False),
        ("", True),
        ("A-1", True),
        ("a=b", True),
        ("'=1", True),
        ("2027-01-15", True),
    ],
)
def test_no_cell_is_a_formula(cell: str, kept: bool) -> None:
    assert guarded(cell) == (cell if kept else f"'{cell}")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("A;=1", "A;'=1"),
        ('A;""=1', 'A;\'""=1'),
        ("A\n-B", "A\n'-B"),
        ("A\t@B", "A\t'@B"),
        ("A\r\n\uff0bB", "A\r\n'\uff0bB"),
        ("=1;+2", "'=1;'+2"),
        ("\t=1", "'\t'=1"),
        ("A; B;C", "A; B;C"),
        ("A\n\nB\r\n", "A\n\nB\r\n"),
    ],
)
def test_no_piece_of_a_cell_is_a_formula(cell: str, written: str) -> None:
    """Where the list separator is a semicolon, Excel divides lines there, quotes or not."""
    assert guarded(cell) == written


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_the_file(api: Api) -> None:
    api.put("/v2/account", {"time_zone": "America/New_York"})
    api.clock.now -= api.clock.now % 86_400_000_000
    recipient = {"first_name": "=HYPERLINK(1)", "last_name": "Ü", "email": "@x"}
    created = api.order(
        '+1,"2"',
        recipient=recipient,
        language="de",
        order_date="2026-07-01T03:59:59.9Z",
        promised_delivery_date="2027-01-01T10:00:00Z",
    )
    api.shipment('+1,"2"', tracking_code="-T", carrier={"name": "DHL"})
    api.shipment('+1,"2"', reference_number="R")
    answer = Visitor(api).get(CSV)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    # Where the shop is, it is still the day before.
    assert answer.headers["Content-Disposition"] == 'attachment; filename="orders-2027-01-14.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Disposition" in Visitor(api).raw("HEAD", CSV).headers
    assert answer.content.startswith(b"\xef\xbb\xbforder_id,order_date,state,")
    assert answer.content.endswith(b"\r\n")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert row == {
        "order_id": '\'+1,"2"',
        "order_date": "2026-06-30T23:59:59-04:00",
        "state": api.get(created["iri"]).json()["state"],
        "delayed": "true",
        "promised_delivery_date": "2027-01-01T05:00:00-05:00",
        "contact_name": "'=HYPERLINK(1) Ü",
        "contact_email": "'@x",
        "language": "de",
        "tracking_codes": "'-T\n",
        "carriers": "DHL\n",
        "shipment_statuses": "new\nnew",
        "created_at": row["created_at"],
        "order_number": f"{created['id']}",
    }
    assert row["created_at"].startswith("2027-01-14T19:00:00-05:00")


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_only_who_is_signed_in_gets_it(api: Api) -> None:
    answer = api.raw("GET", CSV)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(
        "/dashboard/sign-in?next=%2Fdashboard%2Forders.csv"
    )


Send = Callable[[bytes], Any]


async def receive(api: Api, session: str, at_part: Send, version: str = "1.1") -> tuple[int, bool]:
    """Reads the file part by part; its status, and whether it came to its end."""
    scope = {
        "type": "http",
        "http_version": version,
        "method": "GET",
        "scheme": "http",
        "path": CSV,
        "raw_path": CSV.encode(),
        "query_string": b"",
        "headers": [(b"cookie", f"{SESSION}={session}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    status, ended, asked = 0, False, False

    async def take(message: dict[str, Any]) -> None:
        nonlocal status, ended
        status = message.get("status", status)
        if message.get("body"):
            await at_part(message["body"])
        ended = message["type"] == "http.response.body" and not message.get("more_body", False)

    async def give() -> dict[str, Any]:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    try:
        await api.site(scope, give, take)
    except Exception:
        assert not ended
    return status, ended


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_readers_that_dawdle_hold_up_nobody(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than long reads may run: all have their first part, and none asks for more."""
    monkeypatch.setattr(whole_listings, "ROWS_AT_ONCE", 2)
    for number in range(9):
        api.order(f"{number}")
    visitor, readers = Visitor(api), 5

    async def dawdle() -> None:
        begun, go_on = asyncio.Semaphore(0), asyncio.Event()

        async def at_part(part: bytes) -> None:
            begun.release()
            await go_on.wait()

        async with asyncio.TaskGroup() as group:
            reading = [
                group.create_task(receive(api, visitor.session, at_part)) for _ in range(readers)
            ]
            for _ in range(readers):
                await begun.acquire()
            assert (await api.send("GET", "/v2/orders?limit=1")).status_code == 200
            changed = {"order_id": "LATER"}
            assert (await api.send("POST", "/v2/order", json=changed)).status_code == 201
            go_on.set()
        assert [task.result() for task in reading] == [(200, True)] * readers

    api.token()
    api.run(dawdle())


def test_what_fails_midway_breaks_off(sqlite_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_listings, "ROWS_AT_ONCE", 2)
    api = sqlite_api
    for number in range(5):
        api.order(f"{number}")
    parts: list[bytes] = []

    async def at_part(part: bytes) -> None:
        if not parts:
            apsw.Connection(api.settings.database.removeprefix("sqlite:///")).execute(
                "ALTER TABLE orders RENAME TO lost"
            )
        parts.append(part)

    assert api.run(receive(api, Visitor(api).session, at_part)) == (200, False)
    assert len(parts) == 1


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_client_that_could_not_see_it_break_off_gets_none(api: Api) -> None:
    parts: list[bytes] = []

    async def at_part(part: bytes) -> None:
        parts.append(part)

    assert api.run(receive(api, Visitor(api).session, at_part, "1.0")) == (505, True)
    assert b"HTTP/1.1" in parts[0]
