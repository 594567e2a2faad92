"""What those who run doorstep ask it: health, readiness, figures, and a name for each request."""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from doorstep.domain.order import SECOND
from doorstep.logs import formatter
from doorstep.service.group import StoreUnavailable
from tests.conftest import Api
from tests.databases import locked


def figures(api: Api) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample by its name and labels."""
    answer = api.raw("GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def labels(**given: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(given.items()))


def test_health_and_readiness_need_no_token(api: Api) -> None:
    for path in ("/healthz", "/readyz"):
        assert api.raw("GET", path).json() == {"status": "ok"}
        assert api.raw("HEAD", path).status_code == 200
        assert api.raw("POST", path).status_code == 405


def written_at(api: Api) -> str | None:
    async def read() -> Any:
        return await api.services.store.reader.one("load_installation_value", name="written_at")

    value: str | None = api.run(read())
    return value


def test_readiness_writes_at_most_once_a_second(api: Api) -> None:
    assert written_at(api) is None
    api.raw("GET", "/readyz")
    first = written_at(api)
    assert first is not None
    api.raw("GET", "/readyz")
    assert written_at(api) == first
    api.clock.advance(seconds=1)
    api.raw("GET", "/readyz")
    assert int(written_at(api) or 0) >= int(first) + SECOND
    api.clock.advance(seconds=-3600)
    api.raw("GET", "/readyz")
    assert int(written_at(api) or 0) < int(first), "a clock that was set back stops no probe"


def test_not_ready_while_the_database_takes_no_write(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doorstep.service.health.SECONDS_TO_WRITE", 0.05)
    with locked(api.database):
        answer = api.raw("GET", "/readyz")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["code"] == "not_ready"
        assert "did not take a write" in answer.json()["detail"]
        assert api.raw("GET", "/healthz").status_code == 200
    api.clock.advance(seconds=1)
    assert api.raw("GET", "/readyz").status_code == 200


def test_all_who_ask_share_one_try_and_none_waits_longer_than_told(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit that hangs cannot be cancelled; who asks is answered all the same."""
    monkeypatch.setattr("doorstep.service.health.SECONDS_TO_WRITE", 0.05)
    tries = []

    async def ask() -> list[Any]:
        released = asyncio.Event()

        async def hanging(change: Any) -> None:
            tries.append(change)
            while not released.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await released.wait()

        monkeypatch.setattr(api.services.store, "write", hanging)
        during = await asyncio.gather(*(api.http.get("/readyz") for _ in range(3)))
        released.set()
        while api.services.readiness._trying is not None:
            await asyncio.sleep(0)
        return [*during, await api.http.get("/readyz")]

    answers = api.run(ask())
    assert [answer.status_code for answer in answers] == [503, 503, 503, 200]
    assert len(tries) == 1


def test_not_ready_while_the_queue_is_full(database: str) -> None:
    api = Api(database, queue_size=1)
    api.order("numbers-are-reserved-now")
    group = api.services.group
    lock = contextlib.ExitStack()
    lock.enter_context(locked(database))

    def create(number: int) -> asyncio.Task[Any]:
        body = {"order_id": f"Q-{number}"}
        return asyncio.create_task(api.send("POST", "/v2/order", json=body))

    async def until(depth: int) -> None:
        while group.depth != depth:
            await asyncio.sleep(0)

    async def flood() -> list[Any]:
        being_written = create(0)
        await until(1)
        await until(0)
        waiting = create(1)
        await until(1)
        refused = [await create(2), await create(3)]
        ready = await api.http.get("/readyz")
        lock.close()
        return [ready, *refused, await being_written, await waiting]

    ready, *answers = api.run(flood())
    assert (ready.status_code, ready.json()["code"]) == (503, "not_ready")
    assert [answer.status_code for answer in answers] == [503, 503, 201, 201]
    assert [answer.headers.get("retry-after") for answer in answers] == ["1", "1", None, None]
    assert figures(api)["doorstep_rejected_total", labels(reason="queue_full")] == 2
    api.close()


def test_requests_are_counted_by_route_and_status(api: Api) -> None:
    api.order("A")
    api.get("/v2/orders/A")
    api.get("/v2/orders/A")
    api.get("/v2/orders/B")
    api.raw("GET", "/v2/secret-of-a-path")
    api.raw("BREW", "/v2/orders/A")
    found = figures(api)

    def counted(method: str, route: str, status: str) -> float:
        return found["doorstep_requests_total", labels(method=method, route=route, status=status)]

    assert counted("GET", "/v2/orders/{id}", "200") == 2
    assert counted("GET", "/v2/orders/{id}", "404") == 1
    assert counted("POST", "/v2/order", "201") == 1
    assert counted("none", "none", "404") == counted("none", "none", "405") == 1
    seconds = labels(method="GET", route="/v2/orders/{id}")
    assert found["doorstep_request_seconds_count", seconds] == 3
    assert 0 < found["doorstep_request_seconds_sum", seconds] < 60
    assert not [key for key in found if "secret" in str(key) or "BREW" in str(key)]


def test_commits_and_the_orders_that_shared_them(api: Api) -> None:
    api.token()

    async def three_at_once() -> None:
        await asyncio.gather(
            *(api.send("POST", "/v2/order", json={"order_id": f"G-{n}"}) for n in range(3))
        )

    before = figures(api)
    api.run(three_at_once())
    api.get("/v2/orders/G-0")
    api.post("/v2/order", {"order_id": "G-0"})  # Replayed: nothing is written.
    after = figures(api)

    def more(name: str) -> float:
        return after[name, ()] - before[name, ()]

    assert more("doorstep_commits_total") == more("doorstep_commit_seconds_count") == 1
    assert more("doorstep_orders_per_commit_sum") == 3
    assert (after["doorstep_queue_depth", ()], after["doorstep_queue_limit", ()]) == (0, 10_000)


def test_the_files_of_a_database(sqlite_api: Api) -> None:
    sqlite_api.order("A")
    found = figures(sqlite_api)
    assert found["doorstep_database_bytes", ()] >= 4096
    assert found["doorstep_wal_bytes", ()] > 0


def test_every_answer_names_its_request(api: Api) -> None:
    given = api.get("/v2/orders/A", headers={"X-Request-Id": "proxy-7/a.b"})
    assert given.headers["x-request-id"] == "proxy-7/a.b"
    answers = [api.raw("GET", path) for path in ("/healthz", "/nothing", "/v2/orders", "/docs")]
    names = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[0-9a-f]{16}-[0-9a-f]+", name) for name in names)


@pytest.mark.parametrize("bad", ["", "a b", "x" * 129, "naïve", "a\tb"])
def test_a_name_that_could_forge_a_line_is_replaced(api: Api, bad: str) -> None:
    answer = api.get("/v2/orders", headers={"X-Request-Id": bad.encode("latin-1")})  # type: ignore[dict-item]
    assert re.fullmatch("[0-9a-f]{16}-[0-9a-f]+", answer.headers["x-request-id"])


@contextlib.contextmanager
def log_lines(as_json: bool) -> Iterator[list[str]]:
    """What is logged, as lines of the log."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    kept, log = Kept(), logging.getLogger("doorstep")
    kept.setFormatter(formatter(as_json))
    log.addHandler(kept)
    try:
        yield lines
    finally:
        log.removeHandler(kept)


@pytest.mark.parametrize("as_json", [True, False])
def test_the_log_of_a_failure_holds_no_values(
    api: Api, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    async def broken(*given: Any) -> Any:
        secret_of_a_variable = "a-value-" * 2
        assert secret_of_a_variable
        raise RuntimeError("broken")

    monkeypatch.setattr(api.services.group, "submit", broken)
    with log_lines(as_json) as lines:
        order = {"order_id": "A", "recipient": {"email": "jane@example.com"}}
        assert api.post("/v2/order", order).status_code == 500
    said = "".join(lines)
    assert "RuntimeError" in said
    for value in ("a-value-a-value-", "jane@example.com", api.token()):
        assert value not in said


def test_a_failure_is_logged_under_the_name_of_its_request(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    with log_lines(as_json=True) as text:

        async def broken(*given: Any) -> Any:
            raise RuntimeError("the secret inside")

        async def unavailable(*given: Any) -> Any:
            raise StoreUnavailable("no room")

        for fails in (broken, unavailable):
            monkeypatch.setattr(api.services.group, "submit", fails)
            answer = api.post("/v2/order", {"order_id": "A"}, headers={"X-Request-Id": "R-1"})
            assert answer.headers["x-request-id"] == "R-1"
    lines = [json.loads(line) for line in text]
    assert [line["level"] for line in lines] == ["error", "warning"]
    assert {line["request_id"] for line in lines} == {"R-1"}
    assert lines[0]["exception"][0]["exc_value"] == "the secret inside"
    assert lines[1]["message"] == "unavailable: no room"


def test_an_access_log_names_requests_without_their_queries(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    quiet, talking = Api(database), Api(database, access_log=True)
    quiet.get("/v2/orders/A?secret=1")
    assert [line for line in caplog.records if line.message == "request"] == []
    talking.get("/v2/orders/A?secret=1")
    token, read = (line for line in caplog.records if line.message == "request")
    assert (token.method, token.path, token.status) == ("POST", "/v2/token", 200)  # type: ignore[attr-defined]
    assert (read.method, read.path, read.status) == ("GET", "/v2/orders/A", 404)  # type: ignore[attr-defined]
    quiet.close()
    talking.close()
