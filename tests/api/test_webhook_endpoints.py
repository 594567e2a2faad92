"""API, section 12: webhook endpoints, against a real receiver on a real socket."""

import asyncio
import base64
import itertools
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

from doorstep.clock import now
from tests.conftest import Api
from tests.databases import Databases, Files, execute
from tests.service.webhooks.receiver import Answer, Received, Receiver

PATH = "/v2/webhook_endpoints"
NO_RECEIVER = "https://receiver.example/hook"


@pytest.fixture
def api(databases: Files | Databases, database: str) -> Iterator[Api]:
    """May send to this machine, and begins now: a receiver refuses what is not of this moment."""
    opened = Api(database, kept=databases.kept(), webhook_allow_networks="127.0.0.0/8")
    opened.clock.now = now()
    opened.forget_tokens()
    yield opened
    opened.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver(lambda received: Answer(200, b"thanks")) as started:
        yield started


def create(api: Api, url: str = NO_RECEIVER, **fields: Any) -> dict[str, Any]:
    answer = api.post(PATH, {"url": url, **fields})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    assert answer.headers["location"] == body["iri"] == f"{PATH}/{body['id']}"
    return body


def signed_by(secret: str, received: Received) -> bool:
    """Whether one of a request's signatures is by that secret, whenever it was made."""
    headers = received.headers
    moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signature = Webhook(secret).sign(headers["webhook-id"], moment, received.body.decode())
    return signature in headers["webhook-signature"].split(" ")


def test_the_secret_is_told_once(api: Api) -> None:
    made = create(api, description="Warehouse", types=["order.*", "item.added", "order.*"])
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert made == {
        "id": made["id"],
        "iri": f"{PATH}/{made['id']}",
        "url": NO_RECEIVER,
        "types": ["order.*", "item.added"],
        "description": "Warehouse",
        "signature": "v1",
        "public_key": None,
        "paused": False,
        "paused_at": None,
        "paused_because": None,
        "failing_since": None,
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    }
    assert api.get(made["iri"]).json() == made
    assert api.get(PATH).json() == [made]
    assert api.put(made["iri"], {}).json() == made


def test_it_begins_with_what_happens_next(api: Api) -> None:
    api.order("BEFORE")
    made = create(api)
    newest = execute(api.database, "SELECT last_sequence FROM accounts")
    cursors = execute(
        api.database, "SELECT endpoint_number, cursor_number, position FROM webhook_cursors"
    )
    assert newest[0][0] > 0
    assert cursors == [(made["id"], 0, newest[0][0])]


def test_fields_change_alone(api: Api) -> None:
    made = create(api, description="Warehouse", types=["order.paid"])
    api.clock.advance(minutes=1)
    changed = api.put(made["iri"], {"types": None, "signature": "v1a", "paused": True}).json()
    assert changed["types"] is None
    assert (changed["description"], changed["signature"]) == ("Warehouse", "v1")
    assert changed["paused"] is False
    assert changed["updated_at"] > made["updated_at"]
    changed = api.put(made["iri"], {"url": "https://other.example/", "description": ""}).json()
    assert (changed["url"], changed["description"]) == ("https://other.example/", None)
    assert api.put(made["iri"], changed).json() == changed


BAD_TYPES: list[tuple[Any, str]] = [
    (["order.shiped"], "types[0]"),
    (["order.paid", "order*", "*"], "types[1]"),
    (["webhook_endpoint.test"], "types[0]"),
    ([7], "types[0]"),
    ([], "types"),
    ("order.paid", "types"),
    ({"order.paid": True}, "types"),
]


def test_types_that_there_are_not(api: Api) -> None:
    for types, path in BAD_TYPES:
        answer = api.post(PATH, {"url": NO_RECEIVER, "types": types})
        assert answer.status_code == 400, types
        assert answer.json()["violations"][0]["propertyPath"] == path


BAD_URLS = (
    *(None, "", 7, True, [], {}, "shop", "/hook", "//shop.example/", "ftp://shop.example/"),
    *("http://", "http:///", "http://user@shop.example/", "http://u:p@shop.example/"),
    *("http://shop.example/#x", "http://shop.example:0/", "http://shop.example:65536/"),
    *("http://a b/", "http://möbel.example/", "http://[::1", "http://[fe80::1%25eth0]/"),
    *("http://10.0.0.1/", "http://192.168.1.1/", "http://169.254.169.254/latest/", "http://0/"),
    *("http://127.1/", "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.1/"),
    *("http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://[fd00:ec2::254]/", "http://0.0.0.0/"),
    *("http://" + "a" * 64 + ".example/", "https://shop.example/" + "x" * 2_048, "http://.."),
    *("\u0001", "javascript:alert(1)", "http://shop.example\\@127.0.0.1/", "http://%00/", "http://\r\n/"),
)  # fmt: skip


def test_urls_that_nothing_can_be_sent_to(api: Api) -> None:
    made = create(api)
    for url in BAD_URLS:
        for answer in (api.post(PATH, {"url": url}), api.put(made["iri"], {"url": url})):
            assert answer.status_code == 400, (url, answer.text)
            (violation,) = answer.json()["violations"]
            assert violation["propertyPath"] == "url"
            assert violation["message"].endswith(".")
            assert url or "ASCII" not in violation["message"]
    assert len(api.get(PATH).json()) == 1


def test_an_account_has_so_many_and_no_more(databases: Files | Databases, database: str) -> None:
    api = Api(database, kept=databases.kept(), max_webhook_endpoints=3)
    try:
        api.token()
        calls = (api.send("POST", PATH, json={"url": NO_RECEIVER}) for _ in range(6))

        async def together() -> list[Any]:
            return list(await asyncio.gather(*calls))

        answers = api.run(together())
        assert sorted(each.status_code for each in answers) == [201] * 3 + [409] * 3
        codes = {each.json()["code"] for each in answers if each.status_code == 409}
        assert codes == {"too_many_webhook_endpoints"}
        assert api.delete(api.get(PATH).json()[0]["iri"]).status_code == 204
        create(api)
    finally:
        api.close()


def test_a_repeated_request_makes_nothing_twice_and_keeps_no_secret(api: Api) -> None:
    headers = {"Idempotency-Key": "k"}
    first = api.post(PATH, {"url": NO_RECEIVER}, headers=headers)
    again = api.post(PATH, {"url": NO_RECEIVER}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    secret = first.json()["secret"]
    assert again.json() == {key: v for key, v in first.json().items() if key != "secret"}
    assert len(api.get(PATH).json()) == 1
    path = f"{first.json()['iri']}/rotate_secret"
    rotated = api.post(path, {}, headers={"Idempotency-Key": "r"}).json()["secret"]
    assert "secret" not in api.post(path, {}, headers={"Idempotency-Key": "r"}).json()
    kept = str(execute(api.database, "SELECT answer FROM idempotency_keys"))
    assert "webhook_endpoints" in kept
    for each in (secret, rotated):
        assert each.removeprefix("whsec_") not in kept
    assert len(execute(api.database, "SELECT 1 FROM webhook_secrets")) == 2


def test_a_test_is_sent_at_once_also_while_paused(api: Api, receiver: Receiver) -> None:
    made = create(api, receiver.url)
    assert api.post(f"{made['iri']}/pause", {}).json()["paused"] is True
    attempt = api.post(f"{made['iri']}/test", None).json()
    (received,) = receiver.received
    event = Webhook(made["secret"]).verify(received.body, received.headers)
    assert event["type"] == "webhook_endpoint.test"
    assert event["id"] == attempt["event_id"] == received.headers["webhook-id"]
    assert event["data"] == {"id": made["id"], "iri": made["iri"]}
    assert attempt == {
        "id": attempt["id"],
        "event_id": f"test_1_{attempt['id']}",
        "sequence": None,
        "type": "webhook_endpoint.test",
        "attempted_at": attempt["attempted_at"],
        "milliseconds": attempt["milliseconds"],
        "status": 200,
        "answer": "thanks",
        "error": None,
        "outcome": "delivered",
        "next_attempt_at": None,
    }
    assert api.get(f"{made['iri']}/deliveries").json() == [attempt]


def test_a_test_that_fails_changes_nothing(api: Api, receiver: Receiver) -> None:
    receiver.answer = lambda received: Answer(500, b"broken")
    made = create(api, receiver.url)
    attempt = api.post(f"{made['iri']}/test", None).json()
    assert (attempt["status"], attempt["answer"], attempt["outcome"]) == (500, "broken", "failed")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    other = create(api, f"http://127.0.0.1:{port}/")
    attempt = api.post(f"{other['iri']}/test", None).json()
    assert (attempt["status"], attempt["error"]) == (None, "not_connected")
    assert api.get(made["iri"]).json() == {k: v for k, v in made.items() if k != "secret"}


def test_the_guard_holds_for_a_test_too(databases: Files | Databases, database: str) -> None:
    api = Api(database, kept=databases.kept())
    try:
        with Receiver() as receiver:
            made = create(api, f"http://localhost:{receiver.port}/")
            attempt = api.post(f"{made['iri']}/test", None).json()
        assert (attempt["status"], attempt["error"]) == (None, "address_not_allowed")
        assert receiver.connections == 0
    finally:
        api.close()


def test_ed25519_shows_its_public_key_and_nothing_else(api: Api, receiver: Receiver) -> None:
    made = create(api, receiver.url, signature="v1a")
    assert "secret" not in made
    assert api.get(made["iri"]).json() == api.get(PATH).json()[0] == made
    api.post(f"{made['iri']}/test", None)
    (received,) = receiver.received
    headers = received.headers
    version, _, signature = headers["webhook-signature"].partition(",")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + received.body
    key = Ed25519PublicKey.from_public_bytes(
        base64.b64decode(made["public_key"].removeprefix("whpk_"))
    )
    assert version == "v1a"
    key.verify(base64.b64decode(signature), signed)
    rotated = api.post(f"{made['iri']}/rotate_secret", {}).json()
    assert "secret" not in rotated
    assert rotated["public_key"] != made["public_key"]
    assert api.get(made["iri"]).json() == rotated


def test_secrets_overlap_while_they_are_replaced(api: Api, receiver: Receiver) -> None:
    made = create(api, receiver.url)
    old = made["secret"]
    new = api.post(f"{made['iri']}/rotate_secret", None).json()["secret"]
    api.post(f"{made['iri']}/test", None)
    api.clock.advance(hours=23, minutes=59)
    api.forget_tokens()
    api.post(f"{made['iri']}/test", None)
    api.clock.advance(minutes=1)
    api.post(f"{made['iri']}/test", None)
    signed = [(signed_by(old, each), signed_by(new, each)) for each in receiver.received]
    assert signed == [(True, True), (True, True), (False, True)]
    newest = api.post(f"{made['iri']}/rotate_secret", {"overlap_hours": 0}).json()["secret"]
    api.post(f"{made['iri']}/test", None)
    assert not signed_by(new, receiver.received[-1])
    assert signed_by(newest, receiver.received[-1])
    assert execute(api.database, "SELECT secret FROM webhook_secrets") == [(newest,)]


def test_no_more_secrets_sign_than_receivers_take(api: Api, receiver: Receiver) -> None:
    made = create(api, receiver.url)
    path = f"{made['iri']}/rotate_secret"
    for _ in range(9):
        newest = api.post(path, {"overlap_hours": 168}).json()["secret"]
    refused = api.post(path, {"overlap_hours": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_secrets")
    api.post(f"{made['iri']}/test", None)
    (received,) = receiver.received
    assert len(received.headers["webhook-signature"].split(" ")) == 10
    assert signed_by(newest, received)
    # A refusal changed nothing, the overlap of the others neither.
    api.clock.advance(hours=2)
    api.forget_tokens()
    api.post(f"{made['iri']}/test", None)
    assert signed_by(made["secret"], receiver.received[-1])
    assert api.post(path, {"overlap_hours": 0}).status_code == 200
    assert len(execute(api.database, "SELECT 1 FROM webhook_secrets")) == 1


def test_overlaps_that_there_are_not(api: Api) -> None:
    made = create(api)
    for hours in (-1, 169, 1.5, "24", True, []):
        answer = api.post(f"{made['iri']}/rotate_secret", {"overlap_hours": hours})
        assert answer.status_code == 400, hours
        assert answer.json()["violations"][0]["propertyPath"] == "overlap_hours"


def test_pausing_and_resuming_again_changes_nothing(api: Api) -> None:
    made = create(api)
    del made["secret"]
    assert api.post(f"{made['iri']}/resume", None).json() == made
    paused = api.post(f"{made['iri']}/pause", None).json()
    assert (paused["paused"], paused["paused_because"]) == (True, "asked")
    api.clock.advance(minutes=1)
    assert api.post(f"{made['iri']}/pause", None).json() == paused
    resumed = api.post(f"{made['iri']}/resume", None).json()
    assert (resumed["paused"], resumed["paused_at"], resumed["paused_because"]) == (
        False, None, None,
    )  # fmt: skip


def test_resuming_makes_all_that_waits_due_with_fresh_tries(api: Api) -> None:
    made = create(api)
    api.post(f"{made['iri']}/pause", None)
    rows = [(1, 3, api.clock.now + 10**12, None), (2, 5, None, 7), (3, 0, 1, None)]
    insert = "INSERT INTO webhook_deliveries VALUES (1, ?, 0, ?, 1, ?, ?, ?)"
    for sequence, tries, next_at, given_up_at in rows:
        execute(api.database, insert, made["id"], sequence, tries, next_at, given_up_at)
    api.post(f"{made['iri']}/resume", None)
    due = api.clock.now
    select = (
        "SELECT sequence, tries, next_at, given_up_at FROM webhook_deliveries ORDER BY sequence"
    )
    assert execute(api.database, select) == [(1, 0, due, None), (2, 5, None, 7), (3, 0, due, None)]


def test_what_is_not_there(api: Api) -> None:
    calls = [("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/deliveries"), ("POST", "/replay")]
    calls += [("POST", f"/{what}") for what in ("rotate_secret", "test", "pause", "resume")]
    names = ("1", "104857600000081", "x", "0" * 15)
    for name, (method, rest) in itertools.product(names, calls):
        body = {"after": 0} if method in ("PUT", "POST") else None
        answer = api.call(method, f"{PATH}/{name}{rest}", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook_endpoint_not_found")
