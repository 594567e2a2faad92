"""`doorstep demo` as a real process: the same shop for the same seed, and parcels that move."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from doorstep.clock import now
from doorstep.domain.states import ORDER_STATES, SHIPMENT_STATUSES
from tests.conftest import Api, clean_environment, doorstep, new_access_key

ORDERS = 40
FEW_ORDERS = 22


class Shown(NamedTuple):
    """What the demo prints before the parcels move."""

    dashboard: str
    access_key: str
    tracking_pages: dict[str, str]


def shown_in(lines: list[str]) -> Shown:
    pages = {}
    for line in lines:
        if line.startswith("Tracking page, "):
            kind, url = line.removeprefix("Tracking page, ").rsplit(" ", 1)
            pages[kind.strip()] = url
    dashboard, access_key = (
        next(line.split()[-1] for line in lines if line.startswith(f"{name} "))
        for name in ("Dashboard", "Access key")
    )
    return Shown(dashboard, access_key, pages)


def demo(database: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "doorstep.cli", "demo", "--port", "0"]
    return subprocess.Popen(
        [*command, "--database", f"sqlite:///{database}", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )


def orders_in(database: Path, access_key: str) -> list[dict[str, Any]]:
    api = Api(f"sqlite:///{database}", key=access_key)
    # The demo lives by the real clock, in which its promises pass.
    api.clock.now = now()
    try:
        return sorted(api.get("/v2/orders?limit=1000").json(), key=lambda order: order["order_id"])
    finally:
        api.close()


def of_the_seed(order: dict[str, Any]) -> list[Any]:
    parcels = [[each["tracking_code"], each["status"]] for each in order["shipments"]]
    items = [[each["sku"], each["status"]] for each in order["order_items"]]
    recipient = order["recipient"]
    return [order["order_id"], order["state"], order["delayed"], parcels, items, recipient]


def test_the_same_seed_makes_the_same_shop_in_every_state_and_status(tmp_path: Path) -> None:
    databases = [tmp_path / "one.db", tmp_path / "two.db"]
    options = ["--orders", str(ORDERS), "--seed", "7", "--once"]
    running = [demo(database, *options) for database in databases]
    shops = []
    for process, database in zip(running, databases, strict=True):
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        shown = shown_in(out.splitlines())
        orders = orders_in(database, shown.access_key)
        shops.append([of_the_seed(order) for order in orders])

    assert len(orders) == ORDERS
    assert shops[0] == shops[1]
    assert {order["state"] for order in orders} == set(ORDER_STATES)
    parcels = [each for order in orders for each in order["shipments"]]
    assert {each["status"] for each in parcels} == set(SHIPMENT_STATUSES)

    of_page = {order["tracking_page_url"].rsplit("/", 1)[1]: order for order in orders}
    pages = {kind: of_page[url.rsplit("/", 1)[1]] for kind, url in shown.tracking_pages.items()}
    assert {kind: (order["state"], order["delayed"]) for kind, order in pages.items()} == {
        "on its way": ("shipped", False),
        "late": ("shipped", True),
        "delivered": ("completed", False),
    }


def test_parcels_move_until_the_demo_is_told_to_stop(tmp_path: Path) -> None:
    options = ["--orders", str(FEW_ORDERS), "--seconds-between-updates", "0.01"]
    process = demo(tmp_path / "moving.db", *options)
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if "delivered," in line and line.startswith("DEMO-"):
            break
    shown = shown_in(lines)
    signed_in = httpx.post(
        f"{shown.dashboard}dashboard/sign-in", data={"access_key": shown.access_key}
    )
    assert (signed_in.status_code, signed_in.headers["Location"]) == (303, "/")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")

    arrived = lines[-1].split(":")[0]
    orders = orders_in(tmp_path / "moving.db", shown_in(lines).access_key)
    (order,) = [each for each in orders if each["order_id"] == arrived]
    assert "delivered" in [each["status"] for each in order["shipments"]]
    assert len(orders) > FEW_ORDERS, "no order came in for the parcel that arrived"


def test_a_database_with_accounts_is_refused(sqlite_file: Path) -> None:
    new_access_key(sqlite_file)
    ended = doorstep("demo", "--port", "0", "--once", "--database", f"sqlite:///{sqlite_file}")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == (
        "doorstep: The demo needs an empty database; this one has accounts already.\n"
    )
