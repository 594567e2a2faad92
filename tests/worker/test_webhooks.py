"""What webhook endpoints get: every event they want, each order in its order, whatever they say."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from doorstep.domain.order import SECOND
from doorstep.service.webhooks.endpoint_health import MOST_IN_FLIGHT
from doorstep.store.database import StoreUnavailable, Writer
from doorstep.worker import endpoint_runner, webhook_recorder, webhooks
from doorstep.worker.webhooks import Webhooks
from tests.conftest import Api
from tests.databases import Databases, Files
from tests.webhook_endpoints import insert_cursor
from tests.worker.hooked import SCHEDULE, Hooked, Receiver, hooked

QUICK_SECONDS = 0.02
OFTEN = {
    webhooks: (
        "SECONDS_BETWEEN_LOOKS",
        "SECONDS_BETWEEN_MEASUREMENTS",
        "SECONDS_BETWEEN_FORGETTING",
    ),
    endpoint_runner: ("SECONDS_BETWEEN_LOOKS",),
    webhook_recorder: ("SECONDS_BETWEEN_LOOKS", "SECONDS_BETWEEN_WRITES"),
}
"""What is done so often that no test waits for it."""


@pytest.fixture
def hooks(
    databases: Files | Databases, database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hooked]:
    for module, names in OFTEN.items():
        for name in names:
            monkeypatch.setattr(module, name, QUICK_SECONDS)
    api = Api(database, kept=databases.kept(), webhook_allow_networks="127.0.0.0/8")
    with hooked(api) as opened:
        yield opened
    api.close()


def test_an_endpoint_gets_what_it_wants_from_its_creation_on(hooks: Hooked) -> None:
    hooks.api.order("BEFORE")
    everything, some = Receiver(), Receiver()
    hooks.endpoint(everything)
    hooks.endpoint(some, types=("order.shipped", "shipment.*"))
    hooks.api.order("A")
    hooks.work()
    hooks.api.shipment("A", tracking_code="T1")
    hooks.until(lambda: len(everything.received) == 3 and len(some.received) == 2)
    assert [event["type"] for event in everything.received] == [
        "order.created",
        "shipment.created",
        "order.shipped",
    ]
    assert some.received == everything.received[1:]
    hooks.stop()
    assert hooks.execute("SELECT position FROM webhook_cursors") == [(4,), (4,)]
    attempts = "SELECT http_status, webhook_id, type, next_at FROM webhook_attempts"
    assert (204, "evt_1_2", "order.created", None) in hooks.execute(attempts)
    assert len(hooks.execute(attempts)) == 5


def test_a_failed_event_holds_up_only_its_order(hooks: Hooked) -> None:
    refused = {"A"}

    def answer(event: dict[str, Any]) -> int:
        return 500 if event["subject"] in refused else 200

    receiver = Receiver(answer)
    hooks.endpoint(receiver)
    hooks.work()
    for order_id in ("A", "B"):
        hooks.api.order(order_id)
        hooks.api.shipment(order_id, tracking_code=f"T-{order_id}")
    hooks.until(lambda: len(receiver.received) == 4 and hooks.waiting() == 3)
    assert [event["subject"] for event in receiver.received].count("A") == 1
    hooks.stop()
    assert hooks.execute("SELECT position FROM webhook_cursors") == [(6,)]

    refused.clear()
    hooks.api.clock.advance(seconds=7)
    hooks.work()
    hooks.until(lambda: len(receiver.received) == 7 and hooks.waiting() == 0)
    assert [s for s in receiver.sequences if s <= 3] == [1, 1, 2, 3]


def test_what_was_tried_too_often_is_given_up_and_the_next_goes_on(hooks: Hooked) -> None:
    receiver = Receiver(lambda event: 500 if event["type"] == "order.created" else 200)
    hooks.endpoint(receiver)
    hooks.api.order("A")
    hooks.api.shipment("A", tracking_code="T1")
    hooks.work()
    for tried in (1, 2, 3):
        hooks.until(lambda count=tried: hooks.attempts() >= count)  # type: ignore[misc]
        hooks.api.clock.advance(seconds=40)
    hooks.until(lambda: receiver.sequences == [1, 1, 1, 2, 3])
    hooks.until(lambda: hooks.waiting() == 0)
    hooks.stop()
    kept = "SELECT sequence, tries, next_at, given_up_at > 0 FROM webhook_deliveries"
    assert hooks.execute(kept) == [(1, 3, None, True)]


def test_a_receiver_that_asks_for_patience_gets_it(hooks: Hooked) -> None:
    busy = web.Response(status=429, headers={"Retry-After": "60"})
    receiver = Receiver(lambda event: busy if len(receiver.received) == 1 else 200)
    hooks.endpoint(receiver)
    hooks.api.order("A")
    hooks.work()
    hooks.until(lambda: hooks.waiting() == 1)
    ((next_at, attempted_at),) = hooks.execute("SELECT next_at, attempted_at FROM webhook_attempts")
    assert 60_000_000 <= next_at - attempted_at < 60_100_000


def test_an_endpoint_that_is_gone_is_paused_and_resuming_delivers_all(hooks: Hooked) -> None:
    receiver = Receiver(lambda event: 410)
    endpoint = hooks.endpoint(receiver)
    hooks.api.order("A")
    hooks.work()
    paused = "SELECT paused_because FROM webhook_endpoints WHERE paused_at IS NOT NULL"
    hooks.until(lambda: hooks.execute(paused) == [("gone",)])
    hooks.api.order("B")
    assert len(receiver.received) == 1
    receiver.answer = lambda event: 200
    hooks.resume(endpoint)
    hooks.until(lambda: len(receiver.received) == 4)
    assert sorted(receiver.sequences) == [1, 1, 2, 3]
    told = next(e for e in receiver.received if e["type"] == "webhook_endpoint.paused")
    assert told["data"] == {
        "id": endpoint,
        "iri": f"/v2/webhook_endpoints/{endpoint}",
        "paused_because": "gone",
        "failing_since": told["data"]["failing_since"],
    }


def test_what_an_old_url_answers_does_not_pause_the_new_one(hooks: Hooked) -> None:
    async def gone_at_last() -> int:
        await hooks.released.wait()
        return 410

    old, new = Receiver(lambda event: gone_at_last()), Receiver()
    number = hooks.endpoint(old)
    hooks.work()
    hooks.api.order("A")
    hooks.until(lambda: len(old.received) == 1)
    hooks.api.run(new.start())
    hooks.receivers.append(new)
    change = "UPDATE webhook_endpoints SET url = ?, updated_at = ? WHERE endpoint_number = ?"
    hooks.execute(change, f"http://127.0.0.1:{new.port}/", hooks.api.clock() + 1, number)
    hooks.released.set()
    hooks.until(lambda: len(new.received) == 1)
    hooks.stop()
    assert hooks.execute("SELECT paused_at, failing_since FROM webhook_endpoints") == [(None, None)]
    assert new.sequences == [1]


def test_an_endpoint_that_fails_for_a_day_is_paused_and_loses_nothing(hooks: Hooked) -> None:
    receiver, other = Receiver(lambda event: 503), Receiver()
    endpoint = hooks.endpoint(receiver)
    hooks.endpoint(other, types=("webhook_endpoint.*",))
    for number in range(20):
        hooks.api.order(f"A-{number}")
    hooks.work()
    hooks.until(lambda: hooks.waiting() > 0)
    hooks.api.clock.advance(hours=23)
    before = len(receiver.received)
    hooks.until(lambda: len(receiver.received) > before)
    assert other.received == []
    hooks.api.clock.advance(hours=2)
    hooks.until(lambda: len(other.received) == 1)
    assert other.received[0]["data"]["paused_because"] == "failing"
    receiver.received.clear()
    receiver.answer = lambda event: 200
    hooks.resume(endpoint)
    hooks.until(lambda: len(set(receiver.sequences)) == 21)


def test_what_waits_goes_when_its_type_is_no_longer_wanted(hooks: Hooked) -> None:
    refused = {"order.created"}
    receiver = Receiver(lambda event: 500 if event["type"] in refused else 204)
    number = hooks.endpoint(receiver)
    hooks.work()
    hooks.api.order("A")
    hooks.api.shipment("A", tracking_code="T1")
    hooks.until(lambda: hooks.waiting() == 3)
    types_of = "UPDATE webhook_endpoints SET types = ?, updated_at = ? WHERE endpoint_number = ?"
    hooks.change((types_of, '["order.shipped"]', hooks.api.clock() + 1, number))
    hooks.until(lambda: hooks.waiting() == 0, each_look=SECOND)
    hooks.stop()
    types = [event["type"] for event in receiver.received]
    assert types == ["order.created", "order.shipped"]
    assert hooks.execute("SELECT position FROM webhook_cursors") == [(3,)]


def test_a_dead_endpoint_is_probed_and_comes_back_at_once(hooks: Hooked) -> None:
    receiver = Receiver()
    hooks.endpoint(receiver)
    hooks.api.run(receiver.stop())
    for number in range(30):
        hooks.api.order(f"A-{number}")
    hooks.work()
    hooks.until(lambda: hooks.attempts() == MOST_IN_FLIGHT)
    for probes in range(1, 4):
        hooks.api.clock.now += SECOND // 2
        hooks.until(lambda count=probes: hooks.attempts() == MOST_IN_FLIGHT + count)  # type: ignore[misc]
    hooks.api.run(receiver.start())
    # Nothing that has failed is due by itself before four seconds are over.
    hooks.api.clock.advance(seconds=1)
    hooks.until(lambda: len(receiver.received) == 30)
    hooks.until(lambda: hooks.waiting() == 0)
    assert hooks.execute("SELECT failing_since FROM webhook_endpoints") == [(None,)]


def test_a_replay_sends_a_range_again_and_ends(hooks: Hooked) -> None:
    receiver = Receiver()
    endpoint = hooks.endpoint(receiver)
    for number in range(5):
        hooks.api.order(f"A-{number}")
    hooks.work()
    hooks.until(lambda: len(receiver.received) == 5)
    # While the worker goes on: a transaction of its own may hold what this waits for.
    hooks.api.run(
        asyncio.to_thread(insert_cursor, hooks.api.database, endpoint, 1, after=1, until=3)
    )
    cursors = "SELECT cursor_number FROM webhook_cursors"
    hooks.until(lambda: hooks.execute(cursors) == [(0,)])
    assert receiver.sequences == [1, 2, 3, 4, 5, 2, 3]


def test_one_slow_endpoint_starves_no_other(hooks: Hooked) -> None:
    async def never(event: dict[str, Any]) -> int:
        await hooks.released.wait()
        return 200

    slow, quick = Receiver(never), Receiver()
    hooks.endpoint(slow)
    hooks.endpoint(quick)
    hooks.work()
    for number in range(40):
        hooks.api.order(f"A-{number}")
    hooks.until(lambda: len(quick.received) == 40)
    assert len(slow.received) == MOST_IN_FLIGHT
    hooks.released.set()
    hooks.until(lambda: len(slow.received) == 40)


def test_two_workers_at_once_lose_and_reorder_nothing(hooks: Hooked) -> None:
    failed: set[int] = set()

    def answer(event: dict[str, Any]) -> int:
        if event["sequence"] % 3 == 0 and event["sequence"] not in failed:
            failed.add(event["sequence"])
            return 500
        taken.append(event["sequence"])
        return 200

    taken: list[int] = []
    receiver = Receiver(answer)
    hooks.endpoint(receiver)
    hooks.work()
    hooks.work()
    for number in range(10):
        hooks.api.order(f"A-{number}")
        hooks.api.shipment(f"A-{number}", tracking_code=f"T-{number}")
    hooks.until(lambda: set(taken) == set(range(1, 31)), each_look=SECOND // 10)
    firsts = list(dict.fromkeys(taken))
    for first in range(1, 31, 3):
        of_order = [s for s in firsts if first <= s < first + 3]
        assert of_order == sorted(of_order)
    hooks.stop()
    assert hooks.execute("SELECT position FROM webhook_cursors") == [(30,)]


def test_a_deleted_endpoint_ends_what_is_owed_to_it(hooks: Hooked) -> None:
    receiver, other = Receiver(lambda event: 500), Receiver()
    endpoint = hooks.endpoint(receiver)
    hooks.endpoint(other)
    hooks.api.order("A")
    hooks.work()
    hooks.until(lambda: hooks.waiting() == 1)
    delete = "DELETE FROM webhook_{} WHERE endpoint_number = ?"
    tables = ("attempts", "deliveries", "cursors", "secrets", "endpoints")
    hooks.change(*((delete.format(table), endpoint) for table in tables))
    hooks.api.clock.advance(seconds=7)
    hooks.api.order("B")
    hooks.until(lambda: len(other.received) == 2)
    hooks.stop()
    assert hooks.execute("SELECT count(*) FROM webhook_attempts")[0][0] == 2


def test_the_metrics_say_what_each_endpoint_is_owed(hooks: Hooked) -> None:
    receiver = Receiver(lambda event: 410)
    paused, other = hooks.endpoint(receiver), hooks.endpoint(Receiver())
    for order_id in ("A", "B", "C"):
        hooks.api.order(order_id)
        hooks.api.clock.advance(seconds=100)
    hooks.work()
    hooks.until(lambda: hooks.metric("endpoints_paused") == 1 and hooks.waiting() == 3)
    of_paused = {"account": 1, "endpoint": paused}
    hooks.until(lambda: hooks.metric("backlog_events", **of_paused) == 4)
    assert 300 <= hooks.metric("oldest_seconds", **of_paused) < 301
    hooks.until(lambda: hooks.metric("attempts_total", outcome="delivered") == 4)
    hooks.until(lambda: hooks.metric("backlog_events", account=1, endpoint=other) == 0)
    hooks.stop()
    assert "backlog_events{" not in hooks.api.raw("GET", "/metrics").text


def test_old_attempts_are_forgotten(hooks: Hooked) -> None:
    receiver = Receiver(lambda event: 500)
    hooks.endpoint(receiver)
    hooks.api.order("A")
    hooks.work()
    for tried in (1, 2, 3):
        # Only what is written down has its next try behind the clock that moves on here.
        hooks.until(lambda count=tried: hooks.attempts() == count)  # type: ignore[misc]
        hooks.api.clock.advance(seconds=40)
    given_up = "SELECT count(*) FROM webhook_deliveries WHERE given_up_at IS NOT NULL"
    hooks.until(lambda: hooks.execute(given_up) == [(1,)])
    hooks.stop()
    hooks.api.clock.advance(days=31)
    hooks.work()
    hooks.until(lambda: hooks.execute(given_up) == [(0,)])
    assert hooks.attempts() == 0


def test_what_was_delivered_is_written_down_at_a_stop(hooks: Hooked) -> None:
    receiver = Receiver()
    hooks.endpoint(receiver)
    hooks.work()
    for number in range(20):
        hooks.api.order(f"A-{number}")
        hooks.until(lambda count=number: len(receiver.received) > count)  # type: ignore[misc]
        if number % 4 == 0:
            hooks.stop()
            ((position,),) = hooks.execute("SELECT position FROM webhook_cursors")
            assert position == number + 1
            hooks.work()
    hooks.stop()
    assert hooks.attempts() == len(receiver.received) == 20


def test_what_another_worker_left_waiting_is_found(hooks: Hooked) -> None:
    receiver = Receiver()
    endpoint = hooks.endpoint(receiver)
    order = hooks.api.order("A")
    hooks.work()
    hooks.until(lambda: hooks.attempts() == 1)
    insert = "INSERT INTO webhook_deliveries VALUES (1, ?, 0, 1, ?, 1, ?, NULL)"
    hooks.execute(insert, endpoint, order["id"], hooks.api.clock())
    hooks.api.clock.advance(minutes=3)
    hooks.until(lambda: receiver.sequences == [1, 1] and hooks.waiting() == 0)


def test_a_cursor_never_goes_back(hooks: Hooked) -> None:
    number = hooks.endpoint(Receiver())
    cursor = {"account_id": 1, "endpoint_number": number, "cursor_number": 0}
    for position in (5, 3):

        async def advance(writer: Writer, to: int = position) -> None:
            await writer.run_many("advance_webhook_cursors", [{**cursor, "position": to}])

        hooks.api.run(hooks.api.services.store.write(advance))
    assert hooks.execute("SELECT position FROM webhook_cursors") == [(5,)]


def test_events_that_cannot_be_read_hold_up_no_other_account(hooks: Hooked) -> None:
    fit, unfit = Receiver(), Receiver()
    other = hooks.api.account()
    hooks.endpoint(unfit)
    hooks.endpoint(fit, account_id=2)
    hooks.api.order("A")
    hooks.change(("UPDATE events SET data = '{'",))
    hooks.work()
    for number in range(3):
        hooks.api.post("/v2/order", {"order_id": f"{number}"}, key=other)
        hooks.until(lambda count=number: len(fit.received) > count)  # type: ignore[misc]
    assert not any(task.done() for task in hooks.tasks)
    good = "SELECT data FROM events WHERE account_id = 2 LIMIT 1"
    hooks.change((f"UPDATE events SET data = ({good})",))
    hooks.until(lambda: len(unfit.received) == 1)
    hooks.stop()
    assert hooks.attempts() == len(fit.received) + len(unfit.received) == 4


def test_what_could_not_be_written_is_not_written_once_another_worker_went_on(
    hooks: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = Receiver(lambda event: 500)
    hooks.endpoint(receiver)
    hooks.api.order("A")
    first = Webhooks(hooks.api.services, SCHEDULE)

    async def away(*_: Any) -> list[Any]:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(webhook_recorder, "record", away)
        hooks.work(first)
        hooks.until(lambda: len(receiver.received) == 1)
        hooks.stop()
    receiver.answer = lambda event: 200
    hooks.work()
    hooks.until(lambda: len(receiver.received) == 2)
    hooks.stop()
    hooks.work(first)
    hooks.api.order("B")
    hooks.until(lambda: len(receiver.received) == 3)
    hooks.stop()
    assert hooks.waiting() == 0
    assert hooks.attempts() == 2
