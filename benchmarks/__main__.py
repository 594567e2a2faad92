"""`make bench`: a real server process, loaded over HTTP from another process, beside its floors."""

import argparse
import itertools
import json
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks import deadlines, floors, postgres, webhooks
from benchmarks.floors import Step
from benchmarks.measures import STEPS, Run
from benchmarks.report import compare, medians, show
from benchmarks.server import Server

WIDTH = 100


def on_sqlite(seconds: float, processes: int, open_orders: int, step: Step) -> Run:
    """Against a server and a database of its own."""
    with tempfile.TemporaryDirectory() as name:
        database = Path(name, "doorstep.db")
        run = served(f"sqlite:///{database}", seconds, processes, step)
        others = (f"sqlite:///{name}/other-{number}.db" for number in itertools.count())
        run.webhooks = webhooks.measure(lambda: next(others), seconds, processes, step)
        run.deadlines = deadlines.measure(lambda: next(others), open_orders, step)
        run.found = floors.floors_of(database, Path(name), seconds, step)
    return run


def on_postgres(seconds: float, processes: int, open_orders: int, step: Step) -> Run:
    """Against a server of its own on a PostgreSQL of its own."""
    with postgres.start() as database:
        url = database.create_database("doorstep")
        run = served(url, seconds, processes, step)
        others = (database.create_database(f"other_{n}") for n in itertools.count())
        run.webhooks = webhooks.measure(lambda: next(others), seconds, processes, step)
        run.deadlines = deadlines.measure(lambda: next(others), open_orders, step)
        run.found = postgres.floors_of(database, url, seconds, step)
    return run


def served(url: str, seconds: float, processes: int, step: Step) -> Run:
    server = Server(url, processes)
    try:
        run = Run(server, seconds, step)
        run.whole()
    finally:
        server.stop()
    return run


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement (2)")
    parser.add_argument("--runs", type=int, default=1, help="of which the median is shown (1)")
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL, not on SQLite")
    parser.add_argument("--processes", type=int, default=1, help="serve with as many (1)")
    parser.add_argument(
        "--open-orders", type=int, default=10_000, help="beside which deadlines pass (10000)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, to compare two commits")
    parser.add_argument("--compare", type=Path, help="a file with another commit's JSON")
    options = parser.parse_args()
    before = json.loads(options.compare.read_text()) if options.compare else None
    with Progress(console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task(
            "", total=(STEPS + webhooks.STEPS + deadlines.STEPS) * options.runs
        )

        def step(label: str) -> None:
            progress.update(task, advance=1, description=label)

        measure = on_postgres if options.postgres else on_sqlite
        runs = [
            measure(options.seconds, options.processes, options.open_orders, step)
            for _ in range(options.runs)
        ]
    found = {
        "measured_on": time.strftime("%Y-%m-%d"),
        "database": "postgresql" if options.postgres else "sqlite",
        "processes": options.processes,
        **medians(runs),
    }
    console = Console(width=WIDTH)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        show(found, console)
    if before is not None:
        compare(before, found, console)


if __name__ == "__main__":
    main()
