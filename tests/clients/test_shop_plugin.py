"""A shop's plug-in: fetches a token for every call, sends every field it knows, filled or not.

It takes an order or a parcel for exported when the answer is 201 with a string `iri`, and
tries again until it is.
"""

from tests.clients.conftest import Received, Wire

POST_ORDER = """
    POST /v2/orders HTTP/1.1
    Authorization: Bearer {token}
    Accept: application/json
    Content-Length: {length}
"""
ORDER = (
    b'{"order_id":"100000042","order_url":"","order_date":"2027-01-15 08:30:00.000000",'
    b'"delivered_with_seven_senders":true,"boarding_complete":null,"language":["de_DE"],'
    b'"promised_delivery_date":259200,"order_tags":[],"recipient":null,"id":null,"state":""}'
)
POST_SHIPMENT = POST_ORDER.replace("/v2/orders", "/v2/shipments")
SHIPMENT = (
    b'{"tracking_code":"JJD000001","reference_number":"","reference_number_2":null,'
    b'"order_id":"100000042","carrier":{"name":"dhl","country":"DE"},"carrier_service":"",'
    b'"recipient_first_name":"Ada","recipient_last_name":"Lovelace","recipient_email":"",'
    b'"recipient_address":"Hauptstr. 1","recipient_zip":10115,"recipient_city":"Berlin",'
    b'"recipient_country":"DE","recipient_phone":"","recipient_company_name":null,'
    b'"planned_pickup_datetime":"2027-01-15 16:00:00.123456","return_parcel":true,'
    b'"trackable":true,"pickup_point_selected":null,"shipment_tag":[],"weight":0.25,'
    b'"comment":""}'
)


def exported(answer: Received) -> bool:
    """The plug-in's own test of success."""
    return answer.status == 201 and isinstance(answer.json().get("iri"), str)


def get(wire: Wire, path: str) -> Received:
    """A GET with a Content-Type and an empty body, as its HTTP library makes it."""
    return wire.send(
        f"""
        GET {path} HTTP/1.1
        Authorization: Bearer {{token}}
        Content-Type: application/json
        Content-Length: 0
        """
    )


def test_an_order_is_exported_again_and_again(wire: Wire) -> None:
    """Without a Content-Type; with null, "", [] and a duration for what it does not know."""
    answers = [wire.send(POST_ORDER, ORDER) for _ in range(3)]
    assert all(exported(answer) for answer in answers)
    first = answers[0].json()
    assert first["order_id"] == "100000042"
    assert first["order_date"] == "2027-01-15T08:30:00Z"
    assert first["language"] == "de_DE"
    assert first["promised_delivery_date"] is None
    assert first["order_tags"] == {}
    assert {answer.json()["iri"] for answer in answers} == {first["iri"]}
    assert [answer.headers["Idempotent-Replayed"] for answer in answers] == [None, "true", "true"]


def test_an_order_is_exported_again_after_it_has_moved_on(wire: Wire) -> None:
    wire.send(POST_ORDER, ORDER)
    wire.send(POST_SHIPMENT, SHIPMENT)
    again = wire.send(POST_ORDER, ORDER)
    assert exported(again)
    assert again.json()["state"] == "shipped"


def test_every_parcel_is_a_return_and_the_order_is_shipped(wire: Wire) -> None:
    wire.send(POST_ORDER, ORDER)
    answers = [wire.send(POST_SHIPMENT, SHIPMENT) for _ in range(2)]
    assert all(exported(answer) for answer in answers)
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["return_parcel"] is True
    assert answers[0].json()["recipient_zip"] == "10115"
    body = get(wire, "/v2/orders/100000042").json()
    assert body["state"] == "shipped"
    assert len(body["shipments"]) == 1


def test_an_open_invoice_is_paid_after_the_parcel_has_left(wire: Wire) -> None:
    wire.send(POST_ORDER, ORDER)
    wire.send(POST_SHIPMENT, SHIPMENT)
    head = POST_ORDER.replace("/v2/orders", "/v2/order-states")
    report = b'{"order_id":"100000042","state":"paid","datetime":"2024-01-15 08:30:00.000000"}'
    for _ in range(2):
        assert wire.send(head, report).status == 201
    body = get(wire, "/v2/orders/100000042").json()
    assert (body["state"], body["paid_at"]) == ("shipped", "2024-01-15T08:30:00Z")
    assert [line["state"] for line in body["states_history"]] == ["new", "shipped"]


def test_a_destination_is_looked_up_before_an_order_is_exported(wire: Wire) -> None:
    """It exports nothing to a country that is not listed under the parcel's carrier."""
    listed = get(wire, "/v2/carriers").json()
    assert isinstance(listed, list)
    countries = {carrier["code"]: carrier["countries"] for carrier in listed}
    for code in ("dhl", "dpd", "gls", "ups", "hermes", "postat"):
        assert {"DE", "AT", "FR", "CH", "GB", "NO", "US", "MT", "CY"} <= set(countries[code])


def test_a_get_with_a_content_type_and_an_empty_body(wire: Wire) -> None:
    wire.send(POST_ORDER, ORDER)
    for path in ("/v2/orders", "/v2/orders/100000042", "/v2/carriers", "/v2/orders/"):
        answer = get(wire, path)
        assert answer.status == 200, path
        assert answer.headers["Content-Type"] == "application/json"


def test_a_token_for_every_call_revokes_no_other(wire: Wire) -> None:
    old = wire.token()
    for _ in range(30):
        assert wire.token() != old
    answer = wire.send(f"GET /v2/orders HTTP/1.1\nAuthorization: Bearer {old}")
    assert answer.status == 200
