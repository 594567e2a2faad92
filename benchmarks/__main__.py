"""`make bench`: a real server process, loaded over HTTP from another process, beside its floors."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks import floors, requests
from benchmarks.load import Measured, Requests, Running, load

CONNECTIONS = (1, 16, 64)
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """`doorstep serve` on a database of its own."""

    def __init__(self, directory: Path) -> None:
        self.database = directory / "doorstep.db"
        run = [sys.executable, "-m", "doorstep.cli"]
        url = f"sqlite:///{self.database}"
        made = subprocess.run(
            [*run, "account", "create", "Bench", "--json", "--database", url],
            capture_output=True,
            text=True,
            check=True,
        )
        self.access_key = json.loads(made.stdout)["access_key"]
        self.process = subprocess.Popen(
            [*run, "serve", "--port", "0", "--database", url], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        found = re.search(r"127\.0\.0\.1:(\d+)", self.process.stdout.readline())
        assert found is not None
        self.port = int(found[1])
        self.url = f"http://127.0.0.1:{self.port}"
        asked = httpx.post(f"{self.url}/v2/token", json={"access_key": self.access_key})
        self.token: str = asked.json()["token"]

    def cpu_seconds(self) -> float:
        """User and system time of the process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


class Row(NamedTuple):
    """A line of the report; `cpu_microseconds` of the server for each request."""

    name: str
    connections: int
    per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    cpu_microseconds: float
    refused: int


class Bench:
    def __init__(self, server: Server, seconds: float) -> None:
        self.server = server
        self.seconds = seconds
        self.rows: list[Row] = []

    def measure(self, name: str, connections: int, wanted: Requests) -> Row:
        before = self.server.cpu_seconds()
        measured = load(self.server.port, connections, self.seconds, wanted)
        return self.note(name, connections, measured, self.server.cpu_seconds() - before)

    def note(self, name: str, connections: int, measured: Measured, cpu: float) -> Row:
        row = Row(
            name,
            connections,
            measured.per_second,
            measured.percentile(0.5),
            measured.percentile(0.99),
            cpu / max(1, len(measured.latencies)) * 1e6,
            measured.refused,
        )
        self.rows.append(row)
        return row


def run(server: Server, seconds: float, directory: Path) -> dict[str, Any]:
    bench, token = Bench(server, seconds), server.token
    show = Console(stderr=True)
    order_ids = [f"create-64-0-{number}" for number in range(100)]
    with show.status("measuring") as status:

        def measure(name: str, connections: int, wanted: Requests) -> Row:
            status.update(f"{name}, {connections} connections")
            return bench.measure(name, connections, wanted)

        for count in reversed(CONNECTIONS):
            measure("create order", count, requests.creations(token, f"create-{count}"))
        for count in CONNECTIONS:
            measure("path not found", count, requests.same(requests.request("GET", "/nothing")))
            reads = [requests.request("GET", f"/v2/orders/{name}", token) for name in order_ids]
            measure("get by id", count, requests.in_turn(reads))
        for count in CONNECTIONS:
            parcels = requests.shipments(token, order_ids, f"S{count}")
            measure("add shipment", count, requests.divided(parcels, count))
        measure(
            "parcels for the mix", 1, requests.divided(requests.shipments(token, order_ids, "P"), 1)
        )
        for count in CONNECTIONS:
            updates = requests.carrier_updates(token, order_ids, f"S{count}", "hub_scan")
            measure("carrier update", count, requests.divided(updates, count))
        page = requests.request("GET", "/v2/orders?limit=20", token)
        for count in CONNECTIONS:
            measure("list 20 orders", count, requests.same(page))
            measure("mixed", count, requests.mixed(token, order_ids, f"mix-{count}", count))
        status.update("creates beside reads")
        beside(bench, order_ids)
        status.update("floors")
        found = floor_rates(server, seconds, directory)
    return {"rows": [row._asdict() for row in bench.rows], **found, "ratios": ratios(bench, found)}


def beside(bench: Bench, order_ids: list[str]) -> None:
    """Creates with 16 connections while 16 others read."""
    server, token = bench.server, bench.server.token
    reads = [requests.request("GET", f"/v2/orders/{name}", token) for name in order_ids]
    before = server.cpu_seconds()
    reading = Running(server.port, 16, bench.seconds, requests.in_turn(reads))
    creating = Running(server.port, 16, bench.seconds, requests.creations(token, "beside"))
    created = creating.result()
    reading.result()
    bench.note("create beside 16 readers", 16, created, server.cpu_seconds() - before)


def floor_rates(server: Server, seconds: float, directory: Path) -> dict[str, Any]:
    server.stop()
    rows = floors.Rows(server.database, most_orders=2_000)
    empty = directory / "empty.db"
    rates = {}
    for name, group in (("floor_each_per_second", 1), ("floor_groups_of_64_per_second", 64)):
        make_empty(server.database, empty)
        rates[name] = floors.orders_a_second(empty, rows, group, seconds)
    return {**rates, "flush_milliseconds": floors.flush_latency(directory)}


def make_empty(database: Path, empty: Path) -> None:
    """The same schema and account, no orders."""
    import sqlite3

    for left in empty.parent.glob(f"{empty.name}*"):
        left.unlink()
    shutil.copy(database, empty)
    connection = sqlite3.connect(empty, isolation_level=None)
    for table in (
        *("carrier_updates", "shipment_names", "shipments", "order_items", "order_states"),
        *("order_tags", "recipients", "events", "orders"),
    ):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("VACUUM")
    connection.close()


def ratios(bench: Bench, found: dict[str, Any]) -> dict[str, float]:
    rate = {(row.name, row.connections): row.per_second for row in bench.rows}
    create = rate["create order", 64]
    return {
        "create / one commit an order": create / found["floor_each_per_second"],
        "create / groups of 64": create / found["floor_groups_of_64_per_second"],
        "get by id / path not found": rate["get by id", 64] / rate["path not found", 64],
        "create beside readers / alone": rate["create beside 16 readers", 16]
        / rate["create order", 16],
    }


def report(found: dict[str, Any]) -> None:
    table = Table("", "connections", "a second", "p50 ms", "p99 ms", "server CPU µs", "not 2xx")
    for row in found["rows"]:
        table.add_row(
            row["name"],
            str(row["connections"]),
            f"{row['per_second']:,.0f}",
            f"{row['p50_milliseconds']:.2f}",
            f"{row['p99_milliseconds']:.2f}",
            f"{row['cpu_microseconds']:.0f}",
            str(row["refused"]),
        )
    console = Console()
    console.print(table)
    console.print(f"one commit an order, bare: {found['floor_each_per_second']:,.0f}/s")
    console.print(f"groups of 64, bare: {found['floor_groups_of_64_per_second']:,.0f}/s")
    console.print(f"flush of the disk: {found['flush_milliseconds']:.2f} ms")
    for name, ratio in found["ratios"].items():
        console.print(f"{name}: {ratio:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--json", action="store_true", help="print JSON, to compare two commits")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        server = Server(Path(name))
        try:
            found = run(server, options.seconds, Path(name))
        finally:
            server.stop()
    found["measured_at"] = time.strftime("%Y-%m-%d")
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        report(found)


if __name__ == "__main__":
    main()
