"""`doorstep worker` as a process: beside a server, beside another worker, told to stop."""

import re
import signal
import time

import httpx
import pytest

from doorstep.clock import now
from doorstep.times import format_time
from doorstep.worker.worker import WAITS, WORKS
from tests.conftest import Server, new_access_key
from tests.databases import Databases, Files, execute
from tests.e2e.signed_in import signed_in
from tests.e2e.working import WorkerProcess

MOST_SECONDS_TO_STOP = 10
MOST_SECONDS_TO_TAKE_OVER = 5


@pytest.fixture
def fresh(databases: Files | Databases) -> str:
    url = databases.new()
    new_access_key(url)
    return url


def test_it_works_for_a_server_that_does_not(fresh: str) -> None:
    """On SQLite too, where both write one file."""
    with Server(fresh, "--no-worker") as server, WorkerProcess(fresh, "--port", "0") as worker:
        worker.wait_for(WORKS)
        with signed_in(server.url, new_access_key(fresh)) as client:
            soon = {"promised_delivery_date": format_time(now() + 400_000)}
            for number in range(5):
                assert client.post("/v2/order", json={"order_id": f"{number}", **soon}).is_success
            late = "SELECT count(*) FROM events WHERE type = 'order.delayed'"
            while execute(fresh, late) != [(5,)]:
                assert worker.process.poll() is None
            page = client.get("/metrics").text
        assert "doorstep_workers 0.0" in page
        figures = httpx.get(f"{worker.url}/metrics").text
        assert "doorstep_workers 1.0" in figures
        assert 'doorstep_deadlines_recorded_total{kind="promise"} 5.0' in figures
        assert worker.url.startswith("http://127.0.0.1:")
        for path, status in (("/healthz", 200), ("/readyz", 200), ("/v2/orders", 404)):
            assert httpx.get(f"{worker.url}{path}").status_code == status
        began = time.monotonic()
        assert worker.stop() == 0
        assert time.monotonic() - began < MOST_SECONDS_TO_STOP


def test_another_takes_over_when_it_is_killed(fresh: str) -> None:
    with WorkerProcess(fresh) as first:
        first.wait_for(WORKS)
        with WorkerProcess(fresh) as second:
            second.wait_for(WAITS)
            first.stop(signal.SIGKILL)
            began = time.monotonic()
            second.wait_for(WORKS)
            assert time.monotonic() - began < MOST_SECONDS_TO_TAKE_OVER
            assert second.stop() == 0


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_of_several_processes_one_works(fresh: str) -> None:
    with Server(fresh, "--processes", "3", "--log-level", "debug") as server:

        def workers() -> str:
            found = re.search(
                r"^doorstep_workers (\S+)", httpx.get(f"{server.url}/metrics").text, re.M
            )
            assert found is not None
            return found[1]

        while workers() != "1.0":
            assert server.process.poll() is None
        log = "".join(server.log)
        while log.count(WAITS) < 2:
            assert server.process.poll() is None
            log = "".join(server.log)
        assert log.count(WORKS) == 1
        assert workers() == "1.0"
