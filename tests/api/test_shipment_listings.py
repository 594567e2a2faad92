"""`GET /v2/shipments`: filters, paging and order (API, sections 4 and 7)."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Api
from tests.databases import BEFORE_THE_DATABASE


def found(api: Api, query: str) -> list[str]:
    answer = api.get(f"/v2/shipments{query}")
    assert answer.status_code == 200, answer.text
    return [parcel["tracking_code"] or parcel["reference_number"] for parcel in answer.json()]


@pytest.fixture
def parcels(api: Api) -> None:
    api.order("A")
    api.order("B/1 +")
    api.shipment("A", tracking_code="T-1", carrier={"name": "dhl", "country": "DE"})
    api.shipment("A", tracking_code="T-1", reference_number="R-1", carrier={"name": "GLS"})
    api.shipment("B/1 +", tracking_code="T-2", carrier={"name": "DHL"})
    api.shipment("B/1 +", reference_number="Ä 2")
    api.shipment("B/1 +", tracking_code="T-4", carrier={"name": "Uncle Bob"})
    api.update(tracking_code="T-2", status="out_for_delivery")
    api.update(tracking_code="T-4", status="delivered")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["T-1", "T-1", "T-2", "Ä 2", "T-4"]),
        ("?order_id=A", ["T-1", "T-1"]),
        (f"?order_id={quote('B/1 +', safe='')}", ["T-2", "Ä 2", "T-4"]),
        ("?order_id=unknown", []),
        ("?tracking_code=T-1", ["T-1", "T-1"]),
        ("?tracking_code=t-1", []),
        ("?reference_number=R-1", ["T-1"]),
        (f"?reference_number={quote('Ä 2')}", ["Ä 2"]),
        ("?reference_number=%C3%84+2", ["Ä 2"]),
        ("?status=new", ["T-1", "T-1", "Ä 2"]),
        ("?status=out_for_delivery", ["T-2"]),
        ("?status=Out+for+delivery", ["T-2"]),
        ("?status=Delivered", ["T-4"]),
        ("?status=lost", []),
        ("?carrier=dhl", ["T-1", "T-2"]),
        ("?carrier=DHL", ["T-1", "T-2"]),
        ("?carrier=gls", ["T-1"]),
        ("?carrier=Uncle%20Bob", ["T-4"]),
        ("?carrier=uncle%20bob", ["T-4"]),
        ("?carrier=dhl&status=new", ["T-1"]),
        ("?carrier=dhl&status=new&order_id=A&tracking_code=T-1", ["T-1"]),
        ("?unknown=1", ["T-1", "T-1", "T-2", "Ä 2", "T-4"]),
        ("?order_by=-id", ["T-4", "Ä 2", "T-2", "T-1", "T-1"]),
        ("?order[id]=desc&status=new", ["Ä 2", "T-1", "T-1"]),
        ("?limit=2", ["T-1", "T-1"]),
        ("?limit=2&offset=2", ["T-2", "Ä 2"]),
        ("?page=3&itemsPerPage=2", ["T-4"]),
        ("?offset=5", []),
    ],
)
def test_each_filter(api: Api, parcels: None, query: str, expected: list[str]) -> None:
    assert found(api, query) == expected


@BEFORE_THE_DATABASE
@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("?status=eaten", "status"),
        ("?status=", "status"),
        ("?order_id=", "order_id"),
        ("?tracking_code=" + "x" * 256, "tracking_code"),
        ("?carrier=", "carrier"),
        ("?limit=0", "limit"),
        ("?limit=1001", "limit"),
        ("?limit=ten", "limit"),
        ("?offset=10001", "offset"),
        ("?offset=-1", "offset"),
        ("?page=0", "page"),
        ("?cursor=what", "cursor"),
        ("?order_by=weight", "order_by"),
        ("?order[id]=sideways", "order[id]"),
    ],
)
def test_malformed_values(api: Api, query: str, path: str) -> None:
    answer = api.get(f"/v2/shipments{query}")
    assert answer.status_code == 400
    assert [line["propertyPath"] for line in answer.json()["violations"]] == [path]


def test_entries_are_whole_shipments(api: Api, parcels: None) -> None:
    for parcel in api.get("/v2/shipments").json():
        assert api.get(parcel["iri"]).json() == parcel
    orders = api.get("/v2/orders").json()
    assert api.get("/v2/shipments").json() == [
        parcel for order in orders for parcel in order["shipments"]
    ]


def test_without_filter_and_paging_a_hundred(api: Api) -> None:
    api.order()
    for number in range(130):
        api.shipment(tracking_code=f"T-{number}")
    assert found(api, "") == [f"T-{number}" for number in range(100)]
    assert len(found(api, "?status=new")) == 130
    assert len(found(api, "?order_id=ORD-1")) == 130


@pytest.mark.parametrize("query", ["?limit=3", "?limit=3&order_by=-id", "?limit=3&order_id=ORD-1"])
def test_the_link_leads_through_all(api: Api, query: str) -> None:
    api.order()
    codes = [f"T-{number}" for number in range(10)]
    for code in codes:
        api.shipment(tracking_code=code)
    seen: list[str] = []
    path: str | None = f"/v2/shipments{query}"
    while path is not None:
        answer = api.get(path)
        seen += [parcel["tracking_code"] for parcel in answer.json()]
        link: Any = answer.links.get("next")
        path = link and link["url"].split("8080")[1]
        if len(seen) == 3:
            # What comes in between neither shifts nor repeats the pages.
            api.shipment(tracking_code="T-new", order_id="ORD-1")
    if "-id" in query:
        assert seen == codes[::-1]
    else:
        assert seen == [*codes, "T-new"]


def test_an_empty_listing_and_another_accounts(api: Api, parcels: None) -> None:
    other = api.account("Other")
    for query in ("", "?order_id=A", "?status=new", "?limit=5"):
        answer = api.get(f"/v2/shipments{query}", key=other)
        assert (answer.status_code, answer.content) == (200, b"[]")
