"""Runs as medians, as a table, beside targets, and beside another commit's."""

from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measures import Row, Run, ratios
from benchmarks.webhooks import ENDPOINTS, ORDERS_A_SECOND

DEADLINE_TARGETS = {"deadline lag max ms": ("<", 1_000.0), "due at once, seconds": ("<", 4.0)}

WEBHOOK_TARGETS = {
    "create with webhooks / without": (">=", 0.7),
    "webhook lag p99 s": ("<", 5.0),
    # As many as come in the five seconds.
    "most webhooks behind": ("<", 5.0 * ENDPOINTS * ORDERS_A_SECOND),
}

TARGETS = {
    **DEADLINE_TARGETS,
    **WEBHOOK_TARGETS,
    "create / one commit an order": (">=", 1.2),
    "create / groups of 64": (">=", 0.3),
    "create p99 ms, 16": ("<", 25.0),
    "get by id / healthz": (">=", 0.35),
    "create beside readers / alone": (">=", 0.4),
    "create beside readers p99 ms": ("<", 50.0),
}
"""What we hold ourselves to, on two cores that the load generator shares."""

TARGETS_ON_POSTGRES = {
    **DEADLINE_TARGETS,
    **WEBHOOK_TARGETS,
    "create / pgbench": (">=", 1.0),
    "get by id / healthz": (">=", 0.3),
}
"""With two processes, where PostgreSQL shares the two cores too."""

Found = dict[str, Any]


def medians(runs: list[Run]) -> Found:
    """Each figure's median over the runs; ratios are taken within a run."""
    within = [dict(ratios(run)) for run in runs]
    return {
        "runs": len(runs),
        "rows": {
            label: {
                field: median(getattr(run.rows[label], field) for run in runs)
                for field in Row._fields
            }
            for label in runs[0].rows
        },
        "floors": {name: median(run.found[name] for run in runs) for name in runs[0].found},
        "ratios": {name: median(found[name] for found in within) for name in within[0]},
    }


def show(found: Found, console: Console) -> None:
    table = Table("", "a second", "p50 ms", "p99 ms", "server CPU µs", "not 2xx")
    for label, row in found["rows"].items():
        table.add_row(
            label,
            f"{row['per_second']:,.0f}",
            f"{row['p50_milliseconds']:.2f}",
            f"{row['p99_milliseconds']:.2f}",
            f"{row['cpu_microseconds']:.0f}",
            f"{row['not_2xx']:.0f}",
        )
    console.print(table)
    for name, figure in found["floors"].items():
        unit = " ms" if name.startswith("flush") else "/s, without HTTP"
        console.print(f"{name}: {figure:,.2f}{unit}")
    for name, figure in found["ratios"].items():
        console.print(f"{name}: {figure:.2f}{_verdict(name, figure, found['database'])}")


def _verdict(name: str, figure: float, database: str) -> str:
    targets = TARGETS if database == "sqlite" else TARGETS_ON_POSTGRES
    if name not in targets:
        return ""
    sign, target = targets[name]
    met = figure >= target if sign == ">=" else figure < target
    return f"  (target {sign} {target:g}: {'met' if met else 'MISSED'})"


def compare(before: Found, after: Found, console: Console) -> None:
    """How much faster each measurement is than it was, by rate and by the server's CPU time."""
    table = Table("after / before", "a second", "p99 ms", "server CPU µs")
    for label, row in after["rows"].items():
        old = before["rows"].get(label)
        if old is not None:
            fields = ("per_second", "p99_milliseconds", "cpu_microseconds")
            table.add_row(label, *(_ratio(row[field], old[field]) for field in fields))
    console.print(table)


def _ratio(after: float, before: float) -> str:
    return f"{after / before:.2f}" if before else "-"
