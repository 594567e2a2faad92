"""What /metrics says of several processes: the sum, and the earliest start."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from doorstep.process_figures import ProcessFigures
from doorstep.roster import Roster


def figures(shown: bytes) -> dict[str, float]:
    lines = [line.split() for line in shown.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def of_roster(roster: Roster) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(ProcessFigures(roster))
    return figures(generate_latest(registry))


def of_process(pid: int) -> dict[str, float]:
    registry = CollectorRegistry()
    ProcessCollector(pid=lambda: pid, registry=registry)
    return figures(generate_latest(registry))


@contextmanager
def still() -> Iterator[int]:
    """A process that stands still, so that its figures do."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        assert cat.stdin is not None
        assert cat.stdout is not None
        cat.stdin.write(b"\n")
        cat.stdin.flush()
        assert cat.stdout.readline() == b"\n"  # It is all there.
        cat.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, cat.pid, os.WSTOPPED)
        try:
            yield cat.pid
        finally:
            cat.kill()


def test_they_are_added_but_for_the_start_and_without_those_that_left() -> None:
    with still() as first, still() as second:
        roster = Roster(3)
        for place, pid in enumerate([first, second, os.getpid()]):
            roster.enter(place, pid)
        roster.leave(2)
        roster.note_death()
        shown, one, other = of_roster(roster), of_process(first), of_process(second)
    assert (shown.pop("doorstep_processes"), shown.pop("doorstep_process_deaths_total")) == (2, 1)
    assert shown.keys() == one.keys() == other.keys()
    for name, value in shown.items():
        both = (one[name], other[name])
        assert value == (min(both) if name == "process_start_time_seconds" else sum(both)), name
    assert shown["process_resident_memory_bytes"] > 0


def test_a_process_that_has_just_died_is_left_out() -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    roster = Roster(2)
    roster.enter(0, gone.pid)
    assert of_roster(roster).keys() == {"doorstep_processes", "doorstep_process_deaths_total"}


def test_a_process_alone_is_its_own_roster() -> None:
    assert of_roster(Roster.alone())["doorstep_processes"] == 1
    assert Roster.alone().pids == [os.getpid()]
