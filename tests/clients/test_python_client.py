"""The Python client's rules of transport, against a server that answers as it is told."""

from __future__ import annotations

import asyncio
import datetime as dt
import inspect
import json
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx
import pytest

from doorstep.client import (
    ApiError,
    AsyncClient,
    Client,
    Conflict,
    ConnectionFailed,
    Forbidden,
    Invalid,
    NotFound,
    Recipient,
    Retries,
    ServerError,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
)
from doorstep.client.api import Api
from doorstep.client.tokens import Tokens
from doorstep.client.wires import finish

KEY = "key-that-nobody-may-read"
QUICK = Retries(attempts=4, within_seconds=5, first_pause_seconds=0.001, longest_pause_seconds=0.01)
NOON = "2024-01-15T12:00:00Z"
EXPIRED = {"code": 401, "message": "Expired JWT Token"}
ORDER = {
    "id": 100000000000001,
    "iri": "/v2/orders/100000000000001",
    "order_id": "ORD-1",
    "order_date": NOON,
    "state": "new",
    "states_history": [{"datetime": NOON, "location": None, "order_id": "ORD-1", "state": "new"}],
    "tracking_page_url": "https://doorstep.example/order/abc",
    "delayed": False,
    "created_at": NOON,
    "updated_at": NOON,
    "field_of_tomorrow": {"unknown": True},
}
ACCOUNT = {
    "id": 1,
    "name": "Shop",
    "slug": "shop",
    "time_zone": "Europe/Vienna",
    "language": "de",
    "untrackable_days": None,
    "created_at": NOON,
}


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False
    after_seconds: float = 0.0


LOST = Answer(lost=True)
GONE = Answer(404, {"code": "order_unknown", "title": "Not Found"})


@dataclass
class Seen:
    method: str
    target: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


class Stub(ThreadingHTTPServer):
    """Answers `script` in order, the last entry for ever; hands out token-1, token-2, …"""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Answer] = [Answer(200, ORDER)]
        self.token_script: list[Answer] = []
        self.seen: list[Seen] = []
        self.tokens_asked: list[Seen] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, seen: Seen) -> Answer:
        with self._lock:
            if seen.target == "/v2/token":
                self.tokens_asked.append(seen)
                if self.token_script:
                    return self.token_script.pop(0)
                return Answer(200, {"token": f"token-{len(self.tokens_asked)}"})
            self.seen.append(seen)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Stub
    # Else each answer waits for the client's delayed acknowledgement.
    disable_nagle_algorithm: ClassVar[bool] = True

    def handle_any(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = self.requestline.split(" ")[1]
        answer = self.server.answer(Seen(self.command, target, dict(self.headers), content))
        time.sleep(answer.after_seconds)
        if answer.lost:
            self.close_connection = True
            return
        raw = isinstance(answer.body, bytes)
        body = answer.body if raw else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status == 204:
            self.end_headers()
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


Call = Callable[..., Any]


@pytest.fixture(params=["blocking", "awaited"])
def call(request: pytest.FixtureRequest, stub: Stub) -> Iterator[Call]:
    """One call by its method's name, in each flavour; listings come as lists."""
    if request.param == "blocking":
        with Client(stub.url, KEY, retries=QUICK) as client:

            def blocking(name: str, /, *args: Any, **fields: Any) -> Any:
                result = getattr(client, name)(*args, **fields)
                return list(result) if isinstance(result, Iterator) else result

            yield blocking
        return
    with asyncio.Runner() as runner:
        async_client = AsyncClient(stub.url, KEY, retries=QUICK)

        async def once(name: str, /, *args: Any, **fields: Any) -> Any:
            result = getattr(async_client, name)(*args, **fields)
            return await result if inspect.isawaitable(result) else [each async for each in result]

        yield lambda name, /, *args, **fields: runner.run(once(name, *args, **fields))
        runner.run(async_client.close())


def test_an_answer_is_typed_and_tolerates_unknown_fields(call: Call) -> None:
    order = call("order", "ORD-1")
    assert order.order_date == dt.datetime(2024, 1, 15, 12, tzinfo=dt.UTC)
    assert (order.states_history[0].state, order.shipments, order.replayed) == ("new", [], False)


@pytest.mark.parametrize(
    ("order_id", "target"),
    [
        ("2024/0001", "/v2/orders/2024%2F0001"),
        ("A/items", "/v2/orders/A%2Fitems"),
        ("ä ö", "/v2/orders/%C3%A4%20%C3%B6"),
        (".", "/v2/orders/%2E"),
        ("..", "/v2/orders/%2E%2E"),
        ("../token", "/v2/orders/..%2Ftoken"),
        ("100%", "/v2/orders/100%25"),
        ("%2F", "/v2/orders/%252F"),
        ("a?b#c&d=e+f;g:h@i", "/v2/orders/a%3Fb%23c%26d%3De%2Bf%3Bg%3Ah%40i"),
        ("a~b-c_d.e", "/v2/orders/a~b-c_d.e"),
        (100000000000001, "/v2/orders/100000000000001"),
    ],
)
def test_any_order_id_reaches_the_wire_as_one_segment(
    call: Call, stub: Stub, order_id: str | int, target: str
) -> None:
    call("order", order_id)
    assert stub.seen[-1].target == target
    stub.script = [Answer(200, [])]
    call("items", order_id)
    assert stub.seen[-1].target == f"{target}/items"


def test_an_empty_id_is_refused_before_it_names_the_collection(call: Call, stub: Stub) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        call("delete_order", "")
    assert stub.seen == []


def test_a_base_url_may_have_a_prefix_and_end_with_the_version(stub: Stub) -> None:
    for end in ("/shop", "/shop/", "/shop/v2", "/shop/v2/"):
        stub.script = [Answer(200, {"token": "t"}), Answer(200, ORDER)]
        with Client(stub.url + end, KEY) as client:
            client.order("A")
        assert [seen.target for seen in stub.seen[-2:]] == ["/shop/v2/token", "/shop/v2/orders/A"]


# --- bodies ---------------------------------------------------------------------------------


def test_none_is_sent_and_what_is_left_out_is_not(call: Call, stub: Stub) -> None:
    call("change_order", "ORD-1", language=None, boarding_complete=True)
    assert stub.seen[-1].method == "PUT"
    assert stub.seen[-1].body == {"language": None, "boarding_complete": True}


def test_times_go_out_with_the_offset_given(call: Call, stub: Stub) -> None:
    vienna = dt.timezone(dt.timedelta(hours=1))
    call(
        "create_order",
        "ORD-1",
        order_date=dt.datetime(2024, 1, 15, 11, 30, tzinfo=vienna),
        promised_delivery_date=dt.date(2024, 1, 20),
    )
    assert stub.seen[-1].body == {
        "order_id": "ORD-1",
        "order_date": "2024-01-15T11:30:00+01:00",
        "promised_delivery_date": "2024-01-20",
    }
    call("change_order", "ORD-1", order_date="2024-01-15 10:30")
    assert stub.seen[-1].body == {"order_date": "2024-01-15 10:30"}


def test_a_naive_time_and_a_nan_are_refused_wherever_they_hide(call: Call, stub: Stub) -> None:
    naive = dt.datetime(2024, 1, 15)
    with pytest.raises(ValueError, match="order_date is a datetime without a time zone"):
        call("add_shipment", order={"order_id": "A", "order_date": naive}, tracking_code="1")
    with pytest.raises(ValueError, match="datetime is a datetime without a time zone"):
        call("record_carrier_updates", [{"tracking_code": "1", "datetime": naive}])
    with pytest.raises(ValueError, match="created_at is a datetime without a time zone"):
        call("orders", created_at={"after": naive})
    with pytest.raises(ValueError, match="item_value is nan"):
        call("create_order", "A", order_items=[{"item_value": float("nan")}])
    assert stub.seen == []


def test_prices_may_be_decimals_and_a_recipient_may_be_the_answered_one(
    call: Call, stub: Stub
) -> None:
    call(
        "create_order",
        "ORD-1",
        recipient=Recipient(city="Berlin"),
        order_items=[{"sku": "A", "item_value": Decimal("29.99"), "weight": 180}],
    )
    assert stub.seen[-1].content.endswith(b'[{"sku":"A","item_value":29.99,"weight":180}]}')
    assert stub.seen[-1].body["recipient"]["city"] == "Berlin"


def test_every_resource_has_its_path_and_method(call: Call, stub: Stub) -> None:
    def wire(answer: Answer, name: str, /, *args: Any, **fields: Any) -> str:
        stub.script = [answer]
        call(name, *args, **fields)
        return f"{stub.seen[-1].method} {stub.seen[-1].target} {stub.seen[-1].content.decode()}"

    entry = Answer(201, ORDER["states_history"][0])  # type: ignore[index]
    item = Answer(201, {"id": "7", "shop_order_id": "A", "status": "new"})
    carrier = Answer(200, {"code": "dhl", "name": "DHL", "countries": ["DE"]})
    warehouse = Answer(200, {"name": "Main Hall", "address": "Wien"})
    gone, account = Answer(204), Answer(200, ACCOUNT)
    shipment = Answer(
        201,
        {"id": 5, "iri": "/v2/shipments/5", "order_id": "A", "status": "new"}
        | {"status_label": "New", "counted": True, "return_parcel": False, "trackable": True},
    )
    none = Answer(200, [])
    assert [
        wire(entry, "report_state", "A", "paid", location="Berlin"),
        wire(item, "add_item", "A", sku="S"),
        wire(item, "item", "A", "7"),
        wire(item, "change_item", "A", "7", status="refunded"),
        wire(gone, "remove_item", "A", "7"),
        wire(shipment, "add_shipment", order_id="A", tracking_code="1"),
        wire(shipment, "shipment", 5),
        wire(shipment, "change_shipment", 5, comment=None),
        wire(none, "shipment_events", 5),
        wire(gone, "delete_shipment", 5),
        wire(none, "carriers"),
        wire(carrier, "put_carrier", "dhl", name="DHL", countries=["DE"]),
        wire(gone, "delete_carrier", "dhl"),
        wire(account, "account"),
        wire(account, "change_account", time_zone="Europe/Vienna"),
        wire(none, "warehouses"),
        wire(warehouse, "put_warehouse", "Main Hall", address="Wien"),
        wire(gone, "delete_warehouse", "Main Hall"),
    ] == [
        'POST /v2/order_states {"order_id":"A","state":"paid","location":"Berlin"}',
        'POST /v2/orders/A/items {"sku":"S"}',
        "GET /v2/orders/A/items/7 ",
        'PUT /v2/orders/A/items/7 {"status":"refunded"}',
        "DELETE /v2/orders/A/items/7 ",
        'POST /v2/shipments {"order_id":"A","tracking_code":"1"}',
        "GET /v2/shipments/5 ",
        'PUT /v2/shipments/5 {"comment":null}',
        "GET /v2/shipments/5/events ",
        "DELETE /v2/shipments/5 ",
        "GET /v2/carriers ",
        'PUT /v2/carriers/dhl {"name":"DHL","countries":["DE"]}',
        "DELETE /v2/carriers/dhl ",
        "GET /v2/account ",
        'PUT /v2/account {"time_zone":"Europe/Vienna"}',
        "GET /v2/warehouses ",
        'PUT /v2/warehouses/Main%20Hall {"address":"Wien"}',
        "DELETE /v2/warehouses/Main%20Hall ",
    ]


def test_both_flavours_have_every_method() -> None:
    methods = {name for name in vars(Api) if not name.startswith("_")}
    assert methods <= set(vars(Client))
    assert all(getattr(Client, name).__doc__ == getattr(Api, name).__doc__ for name in methods)


# --- listings and updates -------------------------------------------------------------------


def test_a_listing_follows_the_link_but_never_to_another_address(call: Call, stub: Stub) -> None:
    link = '<https://elsewhere.example/v2/orders?cursor=a%2Bb&limit=2>; rel="next"'
    stub.script = [
        Answer(200, [ORDER, ORDER], {"Link": link}),
        Answer(200, [], {"Link": '</v2/orders?cursor=c>; rel="next"'}),
        Answer(200, [ORDER]),
    ]
    since = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    found = call(
        "orders",
        page_size=2,
        delayed=True,
        order_tags={"a&b": "ü"},
        created_at={"after": since, "before": "2024-02-01"},
        order={"order_date": "desc"},
    )
    assert len(found) == 3
    assert [seen.target for seen in stub.seen] == [
        "/v2/orders?delayed=true&order_tags%5Ba%26b%5D=%C3%BC"
        "&created_at%5Bafter%5D=2024-01-01T00%3A00%3A00%2B00%3A00"
        "&created_at%5Bbefore%5D=2024-02-01&order%5Border_date%5D=desc&limit=2",
        "/v2/orders?cursor=a%2Bb&limit=2",
        "/v2/orders?cursor=c",
    ]


def test_a_listing_fetches_no_page_before_it_is_needed(stub: Stub) -> None:
    stub.script = [Answer(200, [ORDER], {"Link": '</v2/orders?cursor=c>; rel="next"'})]
    with Client(stub.url, KEY) as client:
        orders = client.orders()
        assert len(stub.seen) == 0
        next(orders)
        assert len(stub.seen) == 1


def test_an_update_is_recorded_known_or_kept(call: Call, stub: Stub) -> None:
    recorded = {"id": 9, "shipment_id": 5, "order_id": "A", "status": "delivered"}
    stub.script = [
        Answer(201, recorded | {"creationDate": NOON, "event": "Delivered"}),
        Answer(200, recorded),
        Answer(202, {"id": 10, "status": "kept", "kept_until": NOON}),
    ]
    update = {"shipment_id": 5, "status": "delivered", "datetime": NOON}
    first, second, third = (call("record_carrier_update", **update) for _ in range(3))
    assert (first.replayed, second.replayed, third.replayed) == (False, True, False)
    assert first.creation_date == third.kept_until
    assert third.status == "kept"


def test_many_updates_go_in_chunks_and_keep_their_index(call: Call, stub: Stub) -> None:
    full = [{"index": n, "status": 201, "shipment_id": 5} for n in range(1000)]
    bad = {"index": 1, "status": 400, "code": "invalid", "detail": "no datetime"}
    stub.script = [Answer(200, full), Answer(200, full), Answer(200, [full[0], bad])]
    updates = ({"shipment_id": 5, "datetime": NOON} for _ in range(2002))
    outcomes = call("record_carrier_updates", updates)
    assert [len(seen.body) for seen in stub.seen] == [1000, 1000, 2]
    assert [outcome.index for outcome in outcomes] == list(range(2002))
    assert (outcomes[-1].status, outcomes[-1].detail) == (400, "no datetime")


# --- tokens ---------------------------------------------------------------------------------


def test_a_token_is_fetched_once_and_kept(call: Call, stub: Stub) -> None:
    for _ in range(3):
        call("order", "ORD-1")
    assert [seen.body for seen in stub.tokens_asked] == [{"access_key": KEY}]
    assert {seen.headers["Authorization"] for seen in stub.seen} == {"Bearer token-1"}


def test_an_expired_token_is_renewed_once_and_the_call_repeated(call: Call, stub: Stub) -> None:
    stub.script = [Answer(401, EXPIRED), Answer(201, ORDER)]
    call("create_order", "ORD-1")
    first, second = stub.seen
    assert second.headers["Authorization"] == "Bearer token-2"
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    stub.script = [Answer(401, EXPIRED)]
    with pytest.raises(Unauthorized, match="Expired JWT Token"):
        call("order", "ORD-1")
    assert len(stub.tokens_asked) == 3


def test_another_401_renews_nothing(call: Call, stub: Stub) -> None:
    stub.token_script = [Answer(401, {"code": 401, "message": "Invalid credentials."})]
    with pytest.raises(Unauthorized, match="Invalid credentials") as refused:
        call("order", "ORD-1")
    assert (refused.value.status, refused.value.code) == (401, None)
    assert (len(stub.tokens_asked), stub.seen) == (1, [])
    stub.script = [Answer(401, {"code": 401, "message": "JWT Token not found"})]
    with pytest.raises(Unauthorized):
        call("order", "ORD-1")
    assert len(stub.tokens_asked) == 2


def test_a_token_is_renewed_shortly_before_it_ends() -> None:
    now, fetched = 0.0, iter(["first", "second"])

    async def fetch() -> str:
        return next(fetched)

    async def at(moment: float) -> str:
        nonlocal now
        now = moment
        return await tokens.current()

    tokens = Tokens(fetch, asyncio.Lock(), clock=lambda: now)
    assert [finish(at(moment)) for moment in (0, 3479, 3480)] == ["first", "first", "second"]


@pytest.mark.parametrize("fails", [False, True])
def test_threads_share_one_renewal_and_its_failure(stub: Stub, fails: bool) -> None:
    wrong = Answer(401, {"code": 401, "message": "Invalid credentials."}, after_seconds=0.3)
    stub.token_script = [wrong if fails else Answer(200, {"token": "t"}, after_seconds=0.3)]
    outcomes: list[object] = []
    with Client(stub.url, KEY, retries=QUICK) as client:

        def one() -> None:
            try:
                outcomes.append(client.order("ORD-1").order_id)
            except Unauthorized as refused:
                outcomes.append(refused.status)

        threads = [threading.Thread(target=one) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes == [401 if fails else "ORD-1"] * 16
    assert len(stub.tokens_asked) == 1


@pytest.mark.parametrize("fails", [False, True])
def test_tasks_share_one_renewal_and_its_failure(stub: Stub, fails: bool) -> None:
    wrong = Answer(401, {"code": 401, "message": "Invalid credentials."})
    stub.token_script = [wrong if fails else Answer(200, {"token": "t"})]

    async def many() -> list[Any]:
        async with AsyncClient(stub.url, KEY, retries=QUICK) as client:
            calls = (client.order("ORD-1") for _ in range(16))
            return await asyncio.gather(*calls, return_exceptions=True)

    outcomes = asyncio.run(many())
    assert all(isinstance(each, Unauthorized) == fails for each in outcomes)
    assert len(stub.tokens_asked) == 1


# --- retries --------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [LOST, Answer(429), Answer(503), Answer(502)])
@pytest.mark.parametrize(
    ("name", "args"),
    [("order", ["A"]), ("create_order", ["A"]), ("change_order", ["A"]), ("delete_order", ["A"])],
)
def test_passing_trouble_is_retried(
    call: Call, stub: Stub, trouble: Answer, name: str, args: list[str]
) -> None:
    good = Answer(204) if name == "delete_order" else Answer(200, ORDER)
    stub.script = [trouble, trouble, good]
    call(name, *args)
    assert len(stub.seen) == 3
    keys = {seen.headers.get("Idempotency-Key") for seen in stub.seen}
    assert len(keys) == 1
    assert (keys == {None}) == (name != "create_order")


def test_each_post_has_its_own_idempotency_key(call: Call, stub: Stub) -> None:
    stub.script = [Answer(201, ORDER, {"Idempotent-Replayed": "true"}), Answer(201, ORDER)]
    assert call("create_order", "A").replayed
    assert not call("create_order", "A").replayed
    assert len({seen.headers["Idempotency-Key"] for seen in stub.seen}) == 2


def test_other_refusals_are_not_retried(call: Call, stub: Stub) -> None:
    stub.script = [Answer(500, {"request_id": "r-1"})]
    with pytest.raises(ServerError, match="r-1"):
        call("order", "A")
    assert len(stub.seen) == 1


def test_tries_are_bounded(call: Call, stub: Stub) -> None:
    stub.script = [LOST]
    with pytest.raises(ConnectionFailed, match="GET /v2/orders/A"):
        call("order", "A")
    stub.script = [Answer(503, {"code": "unavailable"})]
    with pytest.raises(Unavailable):
        call("order", "A")
    assert len(stub.seen) == 8


def test_a_server_that_is_not_there_is_tried_and_reported() -> None:
    with (
        Client("http://127.0.0.1:9", KEY, retries=QUICK) as client,
        pytest.raises(ConnectionFailed, match="ConnectError"),
    ):
        client.carriers()


def test_a_timeout_is_retried(stub: Stub) -> None:
    stub.script = [Answer(200, ORDER, after_seconds=0.5), Answer(200, ORDER)]
    with Client(stub.url, KEY, retries=QUICK, timeout_seconds=0.1) as client:
        assert client.order("A").order_id == "ORD-1"
    assert len(stub.seen) == 2


def test_retry_after_is_honoured(call: Call, stub: Stub) -> None:
    stub.script = [Answer(429, headers={"Retry-After": "1"}), Answer(200, ORDER)]
    begun = time.monotonic()
    call("order", "A")
    assert 1 <= time.monotonic() - begun < 3


@pytest.mark.parametrize("asked", ["3600", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_retry_after_beyond_the_bound_ends_the_call_at_once(
    call: Call, stub: Stub, asked: str
) -> None:
    stub.script = [Answer(429, headers={"Retry-After": asked})]
    with pytest.raises(TooManyRequests) as refused:
        call("order", "A")
    assert refused.value.retry_after_seconds is not None
    assert refused.value.retry_after_seconds >= 3600
    assert len(stub.seen) == 1


def test_a_delete_whose_answer_was_lost_succeeds_on_404(call: Call, stub: Stub) -> None:
    stub.script = [LOST, Answer(401, EXPIRED), GONE]
    assert call("delete_order", "A") is None
    stub.script = [GONE]
    with pytest.raises(NotFound):
        call("delete_order", "A")
    stub.script = [Answer(429), GONE]
    with pytest.raises(NotFound):
        call("delete_order", "A")
    stub.script = [LOST, GONE]
    with pytest.raises(NotFound):
        call("order", "A")


# --- errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid),
        (403, Forbidden),
        (404, NotFound),
        (405, ApiError),
        (409, Conflict),
        (413, TooLarge),
        (429, TooManyRequests),
        (500, ServerError),
        (503, Unavailable),
    ],
)
def test_errors_are_typed_by_status(
    call: Call, stub: Stub, status: int, kind: type[ApiError]
) -> None:
    fault = {"propertyPath": "recipient.country", "message": "unknown country"}
    problem = {"title": "T", "detail": "D", "code": "some_code", "violations": [fault]}
    stub.script = [Answer(status, problem, {"X-Request-Id": "r-7"})]
    with pytest.raises(ApiError) as refused:
        call("order", "A")
    error = refused.value
    assert type(error) is kind
    assert (error.status, error.code, error.title, error.detail) == (status, "some_code", "T", "D")
    assert error.violations[0].property_path == "recipient.country"
    text = f"{status} some_code: D (recipient.country: unknown country) [request r-7]"
    assert str(error) == str(pickle.loads(pickle.dumps(error))) == text


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe", b"[]", b"", b"null", b'{"id": "no"}'])
def test_a_foreign_answer_is_an_error_of_its_own(call: Call, stub: Stub, body: bytes) -> None:
    stub.script = [Answer(200, body)]
    with pytest.raises(UnexpectedAnswer):
        call("order", "A")
    stub.script = [Answer(418, body)]
    with pytest.raises(ApiError):
        call("order", "A")


def test_redirects_are_not_followed(call: Call, stub: Stub) -> None:
    stub.script = [Answer(307, headers={"Location": "https://elsewhere.example/"})]
    with pytest.raises(ApiError, match="307"):
        call("order", "A")


def test_no_secret_is_shown(call: Call, stub: Stub) -> None:
    with Client(stub.url, KEY) as client:
        client.order("A")
        session = client._session
        shown = [repr(client), repr(session), repr(session._tokens), repr(session._tokens._latest)]
    stub.token_script = [Answer(200, {"token": "secret-token\n"})]
    for answer in (LOST, Answer(500, KEY), Answer(200, b"?"), Answer(401, EXPIRED)):
        stub.script = [answer]
        with pytest.raises(Exception) as failed:  # noqa: PT011
            call("order", "A")
        shown += [repr(failed.value), str(failed.value), repr(failed.value.__cause__)]
    with pytest.raises(ValueError, match="user name") as refused:
        Client("http://user:secret-password@127.0.0.1", KEY)
    shown.append(str(refused.value))
    assert not any("key-that" in each or "secret" in each for each in shown)
    assert not any("token-" in each for each in shown)


@pytest.mark.parametrize("address", ["127.0.0.1:8080", "ftp://a", "http://", "http://a?b=c"])
def test_a_base_url_that_is_none_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        Client(address, KEY)


def test_a_transport_may_be_given() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"token": "t"} if request.url.path == "/v2/token" else [])

    with Client("http://doorstep", KEY, transport=httpx.MockTransport(answer)) as client:
        assert client.warehouses() == []
