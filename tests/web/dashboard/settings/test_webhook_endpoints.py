"""Webhook endpoints: added, changed, tried, and told what was sent to them."""

import re
from typing import Any

import pytest

from doorstep.domain.order import HOUR
from tests.api.test_webhook_attempts import attempt
from tests.conftest import START, Api
from tests.databases import execute
from tests.web.dashboard.visitor import Visitor
from tests.webhook_endpoints import insert_endpoint

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

ENDPOINTS = "/dashboard/settings/webhook-endpoints"
URL = "https://receiver.example/"
SECRET = re.compile(r"<code>(whsec_[^<]+)</code>")
ACTIONS = ("save", "pause", "resume", "test", "rotate", "replay", "delete")


def endpoints(api: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/v2/webhook_endpoints").json()
    return found


@pytest.fixture
def path(api: Api) -> str:
    """The page of an endpoint."""
    made = api.post("/v2/webhook_endpoints", {"url": URL}).json()
    return f"{ENDPOINTS}/{made['id']}"


def test_an_endpoint_is_added_once_and_its_secret_shown_once(api: Api) -> None:
    visitor = Visitor(api)
    fields = {
        "url": URL,
        "description": "Our own shop",
        "signature": "v1",
        "types": ["order.*", "shipment.delivered"],
        "once": "a",
    }
    made = visitor.send(ENDPOINTS, fields)
    assert (made.status_code, made.headers["Cache-Control"]) == (200, "no-store")
    secret = SECRET.findall(made.text)[0]
    (endpoint,) = endpoints(api)
    assert (endpoint["url"], endpoint["types"]) == (URL, ["order.*", "shipment.delivered"])
    again = visitor.send(ENDPOINTS, fields)
    assert (again.status_code, "has already been carried out" in again.text) == (409, True)
    assert len(endpoints(api)) == 1
    for page in (ENDPOINTS, f"{ENDPOINTS}/{endpoint['id']}"):
        shown = visitor.page(page)
        assert "Our own shop" in shown
        assert "Healthy" in shown
        assert secret not in shown
    with_public_key = visitor.send(ENDPOINTS, {"url": URL, "signature": "v1a", "once": "b"})
    assert "<code>whpk_" in with_public_key.text
    assert endpoints(api)[1]["types"] is None
    assert visitor.send(ENDPOINTS, {"url": URL}).status_code == 400


FAULTS = (
    ("url", "", 'url-wrong">'),
    ("url", "javascript:alert(1)", "must be an http or https URL"),
    ("url", "http://127.0.0.1/", "leads to 127.0.0.1, which is neither"),
    ("types", "order.unheard_of", "[0] is no type of event"),
    ("description", "x" * 4097, "is longer than 4096"),
)


def test_a_fault_is_told_beside_its_field(api: Api, path: str) -> None:
    """Whether the endpoint is new or is to be changed."""
    visitor, before = Visitor(api), endpoints(api)
    for field, text, said in FAULTS:
        for page, form in ((ENDPOINTS, "new"), (path, "change")):
            fields = {"action": "save", "url": URL, "signature": "v1", "once": "a", field: text}
            answer = visitor.send(page, fields)
            assert answer.status_code == 422, (field, text)
            assert f'id="{form}-{field}-wrong">' in answer.text
            assert said in answer.text
    assert endpoints(api) == before


def test_too_many_are_refused(api: Api) -> None:
    for number in range(1, api.services.limits.max_webhook_endpoints + 1):
        insert_endpoint(api.database, number, URL, "whsec_x")
    answer = Visitor(api).send(ENDPOINTS, {"url": URL, "signature": "v1", "once": "a"})
    assert answer.status_code == 409
    assert "The account has 20 webhook endpoints already." in answer.text


def test_an_endpoint_is_changed_paused_and_resumed(api: Api, path: str) -> None:
    visitor = Visitor(api)
    fields = {"action": "save", "url": f"{URL}new", "description": "D", "types": "item.*"}
    assert visitor.send(path, fields).headers["Location"] == f"{path}?done=saved"
    (endpoint,) = endpoints(api)
    assert (endpoint["url"], endpoint["description"]) == (f"{URL}new", "D")
    assert endpoint["types"] == ["item.*"]
    visitor.send(path, {"action": "save", "url": URL, "description": ""})
    (endpoint,) = endpoints(api)
    assert (endpoint["description"], endpoint["types"]) == (None, None)
    assert visitor.send(path, {"action": "pause"}).headers["Location"] == f"{path}?done=paused"
    assert endpoints(api)[0]["paused_because"] == "asked"
    assert "Paused by hand:" in visitor.page(path)
    visitor.send(path, {"action": "resume"})
    assert endpoints(api)[0]["paused"] is False


def test_it_says_why_it_is_not_well(api: Api, path: str) -> None:
    visitor = Visitor(api)
    change = "UPDATE webhook_endpoints SET paused_at = ?, paused_because = ?, failing_since = ?"
    for paused_at, because, failing_since, said in (
        (START, "failing", START - HOUR, "failed for a day"),
        (START, "gone", None, "answered 410"),
        (None, None, START - HOUR, "No attempt has succeeded since"),
    ):
        execute(api.database, change, paused_at, because, failing_since)
        for page in (path, ENDPOINTS):
            assert said in visitor.page(page)


def test_a_secret_is_rotated_once(api: Api, path: str) -> None:
    visitor = Visitor(api)
    fields = {"action": "rotate", "overlap_hours": "48", "once": "a"}
    assert "also signs: 48" in visitor.send(path, fields).text
    assert SECRET.findall(visitor.confirmed(path, fields).text)
    again = visitor.confirmed(path, fields)
    assert (again.status_code, SECRET.findall(again.text)) == (409, [])
    wrong = visitor.send(path, {**fields, "overlap_hours": "169"})
    assert (wrong.status_code, 'id="rotate-overlap_hours-wrong"' in wrong.text) == (422, True)
    ((secrets,),) = execute(api.database, "SELECT count(*) FROM webhook_secrets")
    assert secrets == 2


def test_a_test_is_sent(api: Api, path: str) -> None:
    """To where none may go: it fails without a network."""
    execute(api.database, "UPDATE webhook_endpoints SET url = 'http://127.0.0.1/'")
    visitor = Visitor(api)
    answer = visitor.send(path, {"action": "test"})
    assert answer.headers["Location"] == f"{path}/deliveries?done=tested"
    page = visitor.page(answer.headers["Location"])
    assert "<strong>webhook_endpoint.test</strong> → address_not_allowed" in page


def test_events_are_sent_again(api: Api, path: str) -> None:
    api.order()
    visitor = Visitor(api)
    for fields in ({"since": "2027-01-15T07:59"}, {"after": "0", "until": "1"}):
        sent = {"action": "replay", "once": repr(fields), **fields}
        assert "Send these events to this endpoint again?" in visitor.send(path, sent).text
        for _ in range(2):
            answer = visitor.confirmed(path, sent)
            assert answer.headers["Location"] == f"{path}?done=replayed"
    replays = "SELECT position, last_sequence FROM webhook_cursors WHERE cursor_number > 0"
    assert execute(api.database, replays) == [(0, 1), (0, 1)]


def test_since_is_a_time_of_the_shop(api: Api, path: str) -> None:
    """It is 08:00 UTC, and 09:00 in Vienna."""
    api.put("/v2/account", {"time_zone": "Europe/Vienna"})
    api.order()
    visitor = Visitor(api)
    for since, status in (("2027-01-15T09:01", 422), ("2027-01-15T08:59", 303)):
        fields = {"action": "replay", "once": since, "since": since, "confirmed": "yes"}
        assert visitor.send(path, fields).status_code == status
    # That night the clocks went from 2 to 3 o'clock.
    fields = {"action": "replay", "once": "a", "since": "2026-03-29T02:30", "confirmed": "yes"}
    answer = visitor.send(path, fields)
    assert answer.status_code == 422
    assert "the clocks went forward past it" in answer.text


def test_what_cannot_be_sent_again(api: Api, path: str) -> None:
    api.order()
    visitor = Visitor(api)
    for fields, wrong in (
        ({}, "since"),
        ({"since": "2027-01-15T08:00", "after": "0"}, "after"),
        ({"since": "yesterday"}, "since"),
        ({"after": "-1"}, "after"),
        ({"after": "9"}, "after"),
        ({"after": "0", "until": "9"}, "until"),
    ):
        sent = {"action": "replay", "once": "a", "confirmed": "yes", **fields}
        answer = visitor.send(path, sent)
        assert answer.status_code == 422, fields
        assert f'id="replay-{wrong}-wrong"' in answer.text


def test_an_endpoint_is_deleted(api: Api, path: str) -> None:
    visitor = Visitor(api)
    assert "Delete this endpoint" in visitor.send(path, {"action": "delete"}).text
    assert len(endpoints(api)) == 1
    answer = visitor.confirmed(path, {"action": "delete"})
    assert answer.headers["Location"] == f"{ENDPOINTS}?done=deleted"
    assert endpoints(api) == []
    assert visitor.get(path).status_code == 404


def test_others_are_not_there(api: Api) -> None:
    other = api.account()
    made = api.post("/v2/webhook_endpoints", {"url": URL}, key=other).json()
    visitor = Visitor(api)
    for name in (made["id"], "x", "1", "999999999999999", "\u0661" * 15, "%00"):
        path = f"{ENDPOINTS}/{name}"
        assert visitor.get(path).status_code == 404, name
        assert visitor.get(f"{path}/deliveries").status_code == 404
    for action in (*ACTIONS, ""):
        fields = {"action": action, "url": "https://evil.example/", "confirmed": "yes"}
        answer = visitor.send(f"{ENDPOINTS}/{made['id']}", fields, on=ENDPOINTS)
        assert answer.status_code == 404, action
    (kept,) = api.get("/v2/webhook_endpoints", key=other).json()
    assert (kept["url"], kept["paused"]) == (URL, False)


def test_an_unknown_action_is_none(api: Api, path: str) -> None:
    visitor = Visitor(api)
    for fields in ({}, {"action": "x"}, {"action": "rotate"}, {"action": "replay"}):
        assert visitor.send(path, fields).status_code == 400


def test_what_was_attempted_is_listed(api: Api, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By pages that join; what failed, was given up and waits, alone."""
    monkeypatch.setattr("doorstep.web.dashboard.settings.webhook_deliveries.PER_PAGE", 2)
    number, visitor = int(path.rpartition("/")[2]), Visitor(api)
    for each, status, next_at in ((1, 204, None), (2, 500, None), (3, None, START), (4, 500, 9)):
        attempt(api, number, each, status, next_at)
    api.order()
    execute(
        api.database,
        "INSERT INTO webhook_deliveries (account_id, endpoint_number, cursor_number, sequence, "
        "order_number, tries, next_at) VALUES (1, ?, 0, 1, 1, 1, ?)",
        number,
        START,
    )

    def listed(query: str) -> list[list[str]]:
        found, page = [], f"{path}/deliveries{query}"
        while page:
            text = visitor.page(page)
            found.append(re.findall(r"sequence ([0-9]+)", text))
            further = re.search(r'<a href="([^"]+)">Next page', text)
            page = further[1].replace("&amp;", "&") if further else ""
        return found

    assert listed("") == listed("?outcome=x&from=1.2.3") == [["4", "3"], ["2", "1"]]
    assert listed("?outcome=failed") == [["4", "3"], ["2"]]
    assert listed("?outcome=given_up") == [["2"]]
    assert "order.created" in visitor.page(f"{path}/deliveries?outcome=waiting")
