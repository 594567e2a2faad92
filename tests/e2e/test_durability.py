"""No answer before the flush: what the system calls of a real server say."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.conftest import Server, doorstep
from tests.e2e.signed_in import signed_in, stored_order
from tests.e2e.system_calls import SystemCall, failing, read_trace, traced

CLIENTS = 8
ORDERS_OF_EACH = 5
EXIT_UNKNOWN_OUTCOME = 70

WRITES_AND_FLUSHES = (
    "--trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg",
    "--string-limit=4096",
    "--decode-fds=path",
)


def create_orders(server: Server, access_key: str, prefix: str, together: int) -> list[str]:
    """The names of orders that were created, by as many clients at the same moment."""
    ready = threading.Barrier(together, timeout=30)

    def create(number: int) -> list[str]:
        names = [f"{prefix}-{number}-{n}." for n in range(ORDERS_OF_EACH)]
        with signed_in(server.url, access_key) as http:
            ready.wait()
            answers = [http.post("/v2/order", json={"order_id": name}) for name in names]
        assert {answer.status_code for answer in answers} == {201}
        return names

    with ThreadPoolExecutor(together) as clients:
        return [name for names in clients.map(create, range(together)) for name in names]


def is_log_write(call: SystemCall) -> bool:
    return call.name == "pwrite64" and "-wal>" in call.given


def is_log_flush(call: SystemCall) -> bool:
    return call.name in ("fsync", "fdatasync") and "-wal>" in call.given


def is_answer(call: SystemCall, name: str) -> bool:
    return "HTTP/1.1 201 " in call.given and f'\\"order_id\\":\\"{name}\\"' in call.given


@pytest.mark.parametrize("together", [1, CLIENTS])
def test_the_logs_flush_lies_between_its_last_write_and_the_answer(
    server: Server, access_key: str, tmp_path: Path, together: int
) -> None:
    create_orders(server, access_key, "BEFORE", 1)
    trace = tmp_path / "trace"
    with traced(server.process.pid, *WRITES_AND_FLUSHES, f"--output={trace}"):
        names = create_orders(server, access_key, "ORDER", together)
    calls = read_trace(trace)
    for name in names:
        logged = next(call for call in calls if is_log_write(call) and name in call.given)
        answered = next(call for call in calls if is_answer(call, name))
        flush = next((c for c in calls if is_log_flush(c) and c.began > logged.ended), None)
        assert flush is not None, f"{name} was never flushed"
        assert flush.given.endswith("= 0"), flush
        assert flush.ended < answered.began, f"{name} was answered before its flush"
        if together == 1:
            writes = [c for c in calls if is_log_write(c) and c.began < answered.began]
            assert max(call.ended for call in writes) < flush.began


def test_a_failed_flush_ends_the_process_and_loses_nothing(
    sqlite_file: Path, access_key: str
) -> None:
    """Nobody knows what is on the disk then: whoever waits gets no answer, and a start tells."""
    with Server(sqlite_file) as server:
        names = create_orders(server, access_key, "ORDER", CLIENTS)
        with signed_in(server.url, access_key) as http:
            before = [stored_order(http, name) for name in names]
            with failing(server.process.pid, "fdatasync,fsync", "EIO"):
                order = {"order_id": "UNKNOWN", "order_items": [{"sku": "A"}]}
                with pytest.raises(httpx.RemoteProtocolError):
                    http.post("/v2/order", json=order)
                assert server.process.wait(10) == EXIT_UNKNOWN_OUTCOME
    assert "the outcome of a commit is unknown" in "".join(server.log)
    with Server(sqlite_file) as again:
        # What the flush may have lost is written anew, before a commit is built on it.
        assert sqlite_file.with_name("doorstep.db-wal").stat().st_size == 0
        with signed_in(again.url, access_key) as http:
            assert [stored_order(http, name) for name in names] == before
            unknown = stored_order(http, "UNKNOWN")
        assert unknown is None or len(unknown["order_items"]) == 1
    checked = doorstep("verify", "--database", f"sqlite:///{sqlite_file}")
    assert checked.stdout.endswith(" 0 faults\n")
