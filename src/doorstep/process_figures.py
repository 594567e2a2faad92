"""The `process_*` figures of all processes together, and how many processes there are."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from prometheus_client import Metric, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from doorstep.roster import Roster

EARLIEST = ("process_start_time_seconds",)
"""What is no amount: of several the least counts."""


class ProcessFigures(Collector):
    """What a Prometheus client shows of one process, added over those of a roster."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    def collect(self) -> Iterator[Metric]:
        pids = self._roster.pids
        yield GaugeMetricFamily("doorstep_processes", "Processes that serve.", len(pids))
        yield CounterMetricFamily(
            "doorstep_process_deaths",
            "Processes that ended unasked and were replaced.",
            self._roster.deaths,
        )
        found: dict[str, list[Metric]] = {}
        for pid in pids:
            for metric in ProcessCollector(pid=partial(int, pid), registry=None).collect():
                found.setdefault(metric.name, []).append(metric)
        yield from map(_together, found.values())


def _together(metrics: list[Metric]) -> Metric:
    """One metric of those of several processes, each of which has one sample."""
    whole = metrics[0]
    combine: Callable[[Iterable[float]], float] = min if whole.name in EARLIEST else sum
    value = combine(metric.samples[0].value for metric in metrics)
    whole.samples = [whole.samples[0]._replace(value=value)]
    return whole
