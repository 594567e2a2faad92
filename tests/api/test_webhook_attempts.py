"""API, section 12: what was attempted at an endpoint, sending again, and deleting all of it."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from doorstep.domain.order import SECOND
from doorstep.service.webhooks import deleting
from doorstep.times import format_time
from tests.conftest import START, Api
from tests.databases import execute

PATH = "/v2/webhook_endpoints"


@pytest.fixture
def endpoint(api: Api) -> dict[str, Any]:
    return create(api)


def create(api: Api) -> dict[str, Any]:
    made: dict[str, Any] = api.post(PATH, {"url": "https://receiver.example/"}).json()
    return made


def attempt(
    api: Api,
    endpoint: int,
    number: int,
    status: int | None,
    next_at: int | None = None,
    **more: Any,
) -> None:
    """As the worker writes one down."""
    sequence = more.get("sequence", number)
    execute(
        api.database,
        "INSERT INTO webhook_attempts VALUES (1, ?, ?, ?, ?, 'order.paid', ?, 12, ?, ?, ?, ?)",
        endpoint,
        number,
        sequence,
        f"evt_1_{sequence}",
        more.get("at", START + number * SECOND),
        status,
        more.get("answer", "text" if status else None),
        None if status else "timed_out",
        next_at,
    )


@pytest.fixture
def attempted(api: Api, endpoint: dict[str, Any]) -> dict[str, Any]:
    """Event 1 delivered, 2 failed and then given up, 3 failed and waiting, a test that failed."""
    number = endpoint["id"]
    attempt(api, number, 1, 204)
    attempt(api, number, 2, 500, START + 9 * SECOND)
    attempt(api, number, 3, None, START + 20 * SECOND)
    attempt(api, number, 4, 429, None, sequence=2)
    attempt(api, number, 5, 302, None, sequence=None)
    attempt(api, create(api)["id"], 6, 500)
    return endpoint


def listed(answer: httpx.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return [(line["sequence"], line["status"], line["outcome"]) for line in answer.json()]


def test_the_newest_attempts_come_first(api: Api, attempted: dict[str, Any]) -> None:
    path = f"{attempted['iri']}/deliveries"
    everything = [
        (None, 302, "failed"),
        (2, 429, "given_up"),
        (3, None, "failed"),
        (2, 500, "failed"),
        (1, 204, "delivered"),
    ]
    assert listed(api.get(path)) == everything
    assert listed(api.get(f"{path}?outcome=failed")) == everything[:4]
    assert listed(api.get(f"{path}?outcome=given_up")) == [(2, 429, "given_up")]
    for of_event in ("sequence=2", "event_id=evt_1_2", "event_id=evt_1_2&sequence=2"):
        assert listed(api.get(f"{path}?{of_event}")) == [everything[1], everything[3]]
    for of_none in ("sequence=9", "event_id=evt_2_2", "event_id=x", "event_id=evt_1_2&sequence=1"):
        assert listed(api.get(f"{path}?{of_none}")) == []
    assert api.get(path).json()[2] == {
        "id": 3,
        "event_id": "evt_1_3",
        "sequence": 3,
        "type": "order.paid",
        "attempted_at": format_time(START + 3 * SECOND),
        "milliseconds": 12,
        "status": None,
        "answer": None,
        "error": "timed_out",
        "outcome": "failed",
        "next_attempt_at": format_time(START + 20 * SECOND),
    }


def pages(api: Api, path: str) -> Iterator[list[Any]]:
    while path:
        answer = api.get(path)
        yield answer.json()
        link = re.fullmatch(r"<https?://[^/]+(.+)>; rel=\"next\"", answer.headers.get("link", ""))
        path = link[1] if link else ""


@pytest.mark.parametrize("query", ["limit=2", "limit=2&outcome=failed"])
def test_pages_join(api: Api, endpoint: dict[str, Any], query: str) -> None:
    """Also where many were attempted in the same moment."""
    for number in range(1, 8):
        attempt(api, endpoint["id"], number, 500, at=START)
    found = list(pages(api, f"{endpoint['iri']}/deliveries?{query}"))
    assert [[line["id"] for line in page] for page in found] == [[7, 6], [5, 4], [3, 2], [1]]


def test_what_waits_is_listed_by_when_it_is_due(api: Api, endpoint: dict[str, Any]) -> None:
    api.order("A")
    api.order("B")
    sequences = [row[0] for row in execute(api.database, "SELECT sequence FROM events")]
    insert = "INSERT INTO webhook_deliveries VALUES (1, ?, ?, ?, 1, 2, ?, ?)"
    soon, late = START + SECOND, START + 2 * SECOND
    for cursor, sequence, next_at, given_up_at in (
        (0, sequences[0], late, None),
        (0, sequences[1], soon, None),
        (7, sequences[0], late, None),
        (7, sequences[1], None, START),
    ):
        execute(api.database, insert, endpoint["id"], cursor, sequence, next_at, given_up_at)
    found = list(pages(api, f"{endpoint['iri']}/deliveries?outcome=waiting&limit=1"))
    assert [[line["sequence"] for line in page] for page in found] == [
        [sequences[1]], [sequences[0]], [sequences[0]],
    ]  # fmt: skip
    assert found[0][0] == {
        "id": None,
        "event_id": f"evt_1_{sequences[1]}",
        "sequence": sequences[1],
        "type": "order.created",
        "attempted_at": None,
        "milliseconds": None,
        "status": None,
        "answer": None,
        "error": None,
        "outcome": "waiting",
        "next_attempt_at": format_time(soon),
    }


def test_questions_that_are_malformed(api: Api, attempted: dict[str, Any]) -> None:
    for query, name in (
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("outcome=lost", "outcome"),
        ("sequence=0", "sequence"),
        ("sequence=x", "sequence"),
        ("sequence=1&outcome=failed", "outcome"),
        ("cursor=x", "cursor"),
        ("cursor=1", "cursor"),
        ("cursor=1.2.3", "cursor"),
        ("cursor=1.2&outcome=waiting", "cursor"),
        (f"cursor=1.{'9' * 30}", "cursor"),
    ):
        answer = api.get(f"{attempted['iri']}/deliveries?{query}")
        assert answer.status_code == 400, query
        assert [line["propertyPath"] for line in answer.json()["violations"]] == [name]


@pytest.fixture
def newest(api: Api) -> int:
    """The account's newest sequence: one event was recorded every ten seconds since the start."""
    for number in range(8):
        api.order(f"O-{number}")
        api.clock.advance(seconds=10)
    ((newest,),) = execute(api.database, "SELECT last_sequence FROM accounts")
    assert newest == 8
    moment = "UPDATE events SET recorded_at = ? + (sequence - 1) * 10000000"
    execute(api.database, moment, START)
    return int(newest)


def replayed(api: Api, endpoint: dict[str, Any], **wanted: Any) -> tuple[int, int]:
    answer = api.post(f"{endpoint['iri']}/replay", wanted)
    assert answer.status_code == 202, answer.text
    found = answer.json()
    select = "SELECT position, last_sequence FROM webhook_cursors WHERE cursor_number = ?"
    assert execute(api.database, select, found["id"]) == [(found["after"], found["until"])]
    return found["after"], found["until"]


def test_a_range_is_sent_again(api: Api, endpoint: dict[str, Any], newest: int) -> None:
    assert replayed(api, endpoint, after=0) == (0, 8)
    assert replayed(api, endpoint, after=3, until=5) == (3, 5)
    assert replayed(api, endpoint, since=format_time(START)) == (0, 8)
    assert replayed(api, endpoint, since="2020-01-01T00:00:00Z", until=1) == (0, 1)
    assert replayed(api, endpoint, since=format_time(START + 30 * SECOND)) == (3, 8)
    assert replayed(api, endpoint, since=format_time(START + 31 * SECOND)) == (4, 8)
    assert replayed(api, endpoint, since=format_time(START + 70 * SECOND)) == (7, 8)


def test_since_finds_its_place_in_a_log_with_gaps(
    api: Api, endpoint: dict[str, Any], newest: int
) -> None:
    execute(api.database, "DELETE FROM events WHERE sequence IN (2, 3, 4, 8)")
    assert replayed(api, endpoint, since=format_time(START)) == (0, 8)
    assert replayed(api, endpoint, since=format_time(START + 25 * SECOND))[0] in (1, 2, 3, 4)
    assert replayed(api, endpoint, since=format_time(START + 60 * SECOND))[0] == 6


def test_only_what_there_is_can_be_sent_again(
    api: Api, endpoint: dict[str, Any], newest: int
) -> None:
    for wanted, names in (
        ({}, ["after", "since"]),
        ({"after": 1, "since": "2027-01-15"}, ["since"]),
        ({"after": 1, "since": "2027-01-15T08:00:00Z"}, ["after", "since"]),
        ({"after": 8}, ["after"]),
        ({"after": 9}, ["after"]),
        ({"after": 5, "until": 5}, ["after"]),
        ({"after": 5, "until": 4}, ["after"]),
        ({"after": 0, "until": 9}, ["until"]),
        ({"after": 0, "until": 0}, ["after"]),
        ({"after": -1}, ["after"]),
        ({"after": "1"}, ["after"]),
        ({"since": "2027-01-15T09:00:00Z"}, ["since"]),
        ({"since": 7}, ["since"]),
    ):
        answer = api.post(f"{endpoint['iri']}/replay", wanted)
        assert answer.status_code == 400, wanted
        assert {line["propertyPath"] for line in answer.json()["violations"]} == set(names), wanted
    assert len(execute(api.database, "SELECT 1 FROM webhook_cursors")) == 1


def test_replays_are_bounded(api: Api, endpoint: dict[str, Any], newest: int) -> None:
    for _ in range(10):
        replayed(api, endpoint, after=0)
    answer = api.post(f"{endpoint['iri']}/replay", {"after": 0})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_replays")


def test_deleting_takes_all_of_it_in_steps(
    api: Api, attempted: dict[str, Any], newest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "MOST_AT_ONCE", 2)
    replayed(api, attempted, after=0)
    insert = "INSERT INTO webhook_deliveries VALUES (1, ?, 0, ?, 1, 2, 3, NULL)"
    for sequence in range(1, 6):
        execute(api.database, insert, attempted["id"], sequence)
    assert api.delete(attempted["iri"]).status_code == 204
    assert api.get(attempted["iri"]).status_code == 404
    (other,) = api.get(PATH).json()
    tables = ("endpoints", "secrets", "cursors", "deliveries", "attempts")
    left = [
        execute(api.database, f"SELECT DISTINCT endpoint_number FROM webhook_{table}")
        for table in tables
    ]
    assert left == [[(other["id"],)]] * 3 + [[], [(other["id"],)]]
    assert api.delete(attempted["iri"]).status_code == 404
