"""API, section 4: listing orders and shipments, with filters, sorting and paging."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.conftest import Api
from tests.databases import BEFORE_THE_DATABASE


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [line["order_id"] for line in answer.json()]


def faults(answer: Any) -> list[str]:
    assert answer.status_code == 400, answer.text
    return [line["propertyPath"] for line in answer.json()["violations"]]


def next_path(answer: Any) -> str | None:
    """Path and query of the Link header's next page."""
    header = answer.headers.get("link")
    if header is None:
        return None
    match = re.fullmatch(r'<([^<>]+)>; rel="next"', header)
    assert match is not None, header
    url = urlsplit(match[1])
    assert f"{url.scheme}://{url.netloc}" == "http://127.0.0.1:8080", "the public base"
    return f"{url.path}?{url.query}"


def pages(api: Api, path: str) -> Iterator[list[str]]:
    """Follows the Link header to the end."""
    at: str | None = path
    for _ in range(200):
        if at is None:
            return
        answer = api.get(at)
        yield ids(answer)
        at = next_path(answer)
    raise AssertionError("the links never end")


def everything(api: Api, path: str) -> list[str]:
    return [name for page in pages(api, path) for name in page]


def test_empty(api: Api) -> None:
    for path in ("/v2/orders", "/v2/orders?order_id=NONE", "/v2/orders?limit=5", "/v2/shipments"):
        answer = api.get(path)
        assert answer.text == "[]"
        assert answer.headers["content-type"] == "application/json"
        assert "link" not in answer.headers


def test_entries_are_whole_orders(api: Api) -> None:
    api.order("A", order_items=[{"sku": "S"}], recipient={"city": "Wien"}, order_tags={"a": "b"})
    api.shipment("A", tracking_code="T")
    whole = api.get("/v2/orders/A").json()
    assert api.get("/v2/orders").json() == [whole]
    assert api.get("/v2/orders?order_id=A").json() == [whole]
    assert api.get("/v2/orders?limit=1").json() == [whole]


def furnish(api: Api) -> None:
    """Five orders that every filter tells apart."""
    api.order("A", language="de", order_tags={"k": "1", "c": "x"})
    api.order("B", language="de_DE", order_tags={"k": "2"})
    api.order("C", promised_delivery_date="2027-01-15T07:00:00Z", order_tags={"[k]": "1"})
    api.order("D", order_tags={"k": "", "a b+c": "ä&="})
    api.order("E", language="de")
    api.post("/v2/order_states", {"order_id": "B", "state": "paid"})
    api.shipment("D", tracking_code="T-1", carrier={"name": "dhl"})
    api.shipment("E", tracking_code="T-1", carrier={"name": "ups"})
    api.shipment("E", tracking_code="T-2", reference_number="R")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("order_id=A", "A"),
        ("order_id=a", ""),
        ("order_id=%41", "A"),
        ("state=new", "AC"),
        ("state=paid", "B"),
        ("state=shipped", "DE"),
        ("state=completed", ""),
        ("delayed=true", "C"),
        ("delayed=false", "ABDE"),
        ("delayed=1", "C"),
        ("delayed=0", "ABDE"),
        ("language=de", "AE"),
        ("language=de_DE", "B"),
        ("tracking_code=T-1", "DE"),
        ("tracking_code=T-2", "E"),
        ("tracking_code=R", ""),
        ("order_tags[k]=1", "A"),
        ("order_tags%5Bk%5D=1", "A"),
        ("order_tags[k]=2", "B"),
        ("order_tags[k]=", "D"),
        ("order_tags[[k]]=1", "C"),
        ("order_tags[a%20b%2Bc]=%C3%A4%26%3D", "D"),
        ("order_tags[a+b%2Bc]=%C3%A4%26%3D", "D"),
        ("order_tags[none]=1", ""),
        ("order_tags[k]=1&order_tags[c]=x", "A"),
        ("order_tags[k]=1&order_tags[c]=y", ""),
        ("language=de&state=shipped", "E"),
        ("unknown=1", "ABCDE"),
        # For the dashboard alone.
        ("carrier=none&contact_name=none&contact_email=none", "ABCDE"),
        ("", "ABCDE"),
    ],
)
def test_filters(api: Api, query: str, expected: str) -> None:
    furnish(api)
    assert "".join(ids(api.get(f"/v2/orders?{query}"))) == expected
    assert "".join(everything(api, f"/v2/orders?{query}&limit=1")) == expected


@pytest.mark.parametrize(
    "state",
    [
        *("new", "paid", "in_production", "warehouse_handover", "in_preparation", "shipped"),
        *("completed", "cancelled", "returned", "refunded"),
    ],
)
def test_every_state_can_be_asked_for(api: Api, state: str) -> None:
    api.order()
    assert ids(api.get(f"/v2/orders?state={state}")) == (["ORD-1"] if state == "new" else [])


MOMENTS = {
    "A": "2024-01-14T23:59:59.999999Z",
    "B": "2024-01-15T00:00:00Z",
    "C": "2024-01-15T12:00:00Z",
    "D": "2024-01-15T23:59:59.999999Z",
    "E": "2024-01-16T00:00:00Z",
}
TIME_FILTERS = [
    ("[after]=2024-01-15T12:00:00Z", "CDE"),
    ("[before]=2024-01-15T12:00:00Z", "ABC"),
    ("[strictly_after]=2024-01-15T12:00:00Z", "DE"),
    ("[strictly_before]=2024-01-15T12:00:00Z", "AB"),
    ("[after]=2024-01-15", "BCDE"),
    ("[before]=2024-01-15", "ABCD"),
    ("[strictly_after]=2024-01-15", "E"),
    ("[strictly_before]=2024-01-15", "A"),
    ("[after]=2024-01-15T13:00:00%2B01:00", "CDE"),
    ("[after]=2024-01-15T13:00:00+01:00", "CDE"),
    ("[after]=2024-01-15T13:00:00+0100", "CDE"),
    ("[after]=2024-01-15T13:00:00+01", "CDE"),
    ("[after]=2024-01-15%2012:00", "CDE"),
    ("[after]=2024-01-15+12:00:00", "CDE"),
    ("[after]=2024-01-15+13:00:00+01:00", "CDE"),
    ("[after]=2024-01-15T12:00:00.000001Z", "DE"),
    ("[after]=2024-01-15T12:00:00.0000009Z", "CDE"),
    ("[after]=2024-01-15&{}[before]=2024-01-15", "BCD"),
    ("[after]=1970-01-01&{}[before]=2100-12-31", "ABCDE"),
    ("[after]=2024-01-16T00:00:00.000001Z", ""),
]


@pytest.mark.parametrize("field", ["order_date", "promised_delivery_date"])
@pytest.mark.parametrize(("query", "expected"), TIME_FILTERS)
def test_time_filters(api: Api, field: str, query: str, expected: str) -> None:
    for name, moment in MOMENTS.items():
        api.order(name, **{field: moment})
    api.order("F", order_date="2099-01-01T00:00:00Z" if field == "order_date" else None)
    found = ids(api.get(f"/v2/orders?{field}{query.format(field)}"))
    assert "".join(found).replace("F" if field == "order_date" else "-", "") == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        *(("[after]=2027-01-15T09:00:00Z", "BC"), ("[before]=2027-01-15T09:00:00Z", "A")),
        *(("[strictly_after]=2027-01-15", "C"), ("[strictly_before]=2027-01-16", "AB")),
        *(("[after]=2027-01-16", "C"), ("[before]=2027-01-15", "AB")),
    ],
)
def test_created_at_filters(api: Api, query: str, expected: str) -> None:
    api.order("A")
    api.clock.advance(hours=2)
    api.forget_tokens()
    api.order("B")
    api.clock.advance(days=1)
    api.forget_tokens()
    api.order("C")
    assert "".join(ids(api.get(f"/v2/orders?created_at{query}"))) == expected


@pytest.mark.parametrize(
    ("zone", "query", "expected"),
    [
        ("Europe/Vienna", "[after]=2024-01-15", "BCDE"),
        ("Europe/Vienna", "[before]=2024-01-15", "ABC"),
        ("Europe/Vienna", "[strictly_after]=2024-01-15", "DE"),
        ("Europe/Vienna", "[strictly_before]=2024-01-15", "A"),
        ("Europe/Vienna", "[strictly_before]=2024-01-16", "ABC"),
        ("America/New_York", "[after]=2024-01-15", "CDE"),
        ("America/New_York", "[before]=2024-01-14", "AB"),
    ],
)
def test_bare_dates_are_days_of_the_accounts_time_zone(
    api: Api, zone: str, query: str, expected: str
) -> None:
    assert api.put("/v2/account", {"time_zone": zone}).status_code == 200
    moments = ["14T22:59:59.999Z", "14T23:00:00Z", "15T05:00:00Z", "15T23:00:00Z", "16T05:00:00Z"]
    for name, moment in zip("ABCDE", moments, strict=True):
        api.order(name, order_date=f"2024-01-{moment}")
    assert "".join(ids(api.get(f"/v2/orders?order_date{query}"))) == expected


# Sorting


SORTS = ["order_date", "promised_delivery_date", "created_at", "id"]


def spread(api: Api) -> None:
    """Equal values, nulls, and an order of creation unlike any other."""
    dates = ["2024-01-03", "2024-01-01", "2024-01-02", "2024-01-01", "2024-01-03", "2024-01-02"]
    promises = ["2028-01-02", None, "2028-01-01", None, "2028-01-02", None]
    for name, day, promise in zip("ABCDEF", dates, promises, strict=True):
        api.order(name, order_date=f"{day}T00:00:00Z", promised_delivery_date=promise)


EXPECTED = {"order_date": "BDCFAE", "promised_delivery_date": "CAEBDF"}


@pytest.mark.parametrize("field", SORTS)
@pytest.mark.parametrize(
    ("spelled", "descending"),
    [
        ("order_by={}", False),
        ("order_by=-{}", True),
        ("order_by={}+desc", True),
        ("order[{}]=asc", False),
        ("order[{}]=desc", True),
        ("order[{}]=DESC", True),
        ("order%5B{}%5D=desc", True),
    ],
)
def test_sorting(api: Api, field: str, spelled: str, descending: bool) -> None:
    spread(api)
    rising = EXPECTED.get(field, "ABCDEF")
    expected = rising[::-1] if descending else rising
    query = spelled.format(field)
    assert "".join(ids(api.get(f"/v2/orders?{query}"))) == expected
    assert "".join(ids(api.get(f"/v2/orders?{query}&state=new"))) == expected, "streamed"
    for limit in (1, 2, 4, 5, 6, 7):
        assert "".join(everything(api, f"/v2/orders?{query}&limit={limit}")) == expected


def test_by_id_when_nothing_else_is_asked_for(api: Api) -> None:
    spread(api)
    assert "".join(ids(api.get("/v2/orders"))) == "ABCDEF"


# Paging


def many(api: Api, count: int = 25) -> list[str]:
    names = [f"A-{number:04}" for number in range(count)]
    for name in names:
        api.order(name, language="de")
    return names


def test_without_filter_and_paging_100(api: Api) -> None:
    names = many(api, 103)
    answer = api.get("/v2/orders")
    assert ids(answer) == names[:100]
    assert next_path(answer) is not None
    assert everything(api, "/v2/orders") == names
    assert ids(api.get("/v2/orders?language=de")) == names, "with a filter and no paging: all"
    assert "link" not in api.get("/v2/orders?language=de").headers


def test_a_stream_of_several_parts(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doorstep.service.listings.ROWS_AT_ONCE", 4)
    names = many(api, 9)
    assert ids(api.get("/v2/orders?language=de")) == names
    assert ids(api.get("/v2/orders?language=de&order_by=-order_date")) == names[::-1]
    api.order("B", language="fr")
    assert ids(api.get("/v2/orders?language=fr")) == ["B"]
    many(api, 12)
    assert len(ids(api.get("/v2/orders?language=de"))) == 12, "a whole number of parts"


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ("limit=3", 0, 3),
        ("limit=3&offset=0", 0, 3),
        ("limit=3&offset=4", 4, 7),
        ("offset=20", 20, 25),
        ("limit=10&offset=20", 20, 25),
        ("limit=3&offset=25", 25, 25),
        ("limit=3&offset=10000", 25, 25),
        ("limit=1000", 0, 25),
        ("page=1&itemsPerPage=10", 0, 10),
        ("page=2&itemsPerPage=10", 10, 20),
        ("page=3&itemsPerPage=10", 20, 25),
        ("page=4&itemsPerPage=10", 25, 25),
        ("itemsPerPage=7", 0, 7),
        ("page=1", 0, 25),
        ("page=2", 25, 25),
    ],
)
def test_paging(api: Api, query: str, start: int, end: int) -> None:
    names = many(api)
    for prefix in ("", "language=de&"):
        answer = api.get(f"/v2/orders?{prefix}{query}")
        assert ids(answer) == names[start:end]
        link = next_path(answer)
        assert (link is not None) == (start < end < 25), "a link where there is more"
        if link is not None:
            assert everything(api, link) == names[end:]


def test_the_link_keeps_filters_sorting_and_size(api: Api) -> None:
    for number in range(7):
        tags = {"a b": "c+d&ä" if number % 2 else "x"}
        api.order(f"{number}", order_tags=tags, language="de")
    query = "order_tags[a%20b]=c%2Bd%26%C3%A4&language=de&order[order_date]=desc&limit=1&offset=1"
    answer = api.get(f"/v2/orders?{query}")
    assert ids(answer) == ["3"]
    link = next_path(answer)
    assert link is not None
    given = dict(parse_qsl(urlsplit(link).query))
    assert given.pop("cursor")
    assert given == {
        "order_tags[a b]": "c+d&ä",
        "language": "de",
        "order[order_date]": "desc",
        "limit": "1",
    }
    assert everything(api, link) == ["1"]


def test_a_cursor_misses_and_repeats_nothing_while_orders_come_and_go(api: Api) -> None:
    names = many(api, 10)
    answer = api.get("/v2/orders?limit=4")
    seen = ids(answer)
    api.delete(f"/v2/orders/{names[1]}")
    api.delete(f"/v2/orders/{names[3]}")
    api.order("LATE")
    link = next_path(answer)
    assert link is not None
    assert seen + everything(api, link) == [*names, "LATE"]


@pytest.mark.parametrize("query", ["order_by=order_date", "order_by=-order_date", "order_by=-id"])
def test_a_cursor_among_equal_values(api: Api, query: str) -> None:
    for number in range(11):
        api.order(f"{number:02}", order_date="2024-01-01T00:00:00Z")
    found = everything(api, f"/v2/orders?{query}&limit=3")
    assert found == sorted(found, reverse="-" in query)
    assert len(found) == 11


MALFORMED = [
    *("limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "limit=1.5", "limit=+5"),
    *("offset=-1", "offset=10001", "offset=x", "page=0", "page=-1", "page=x", "page="),
    *("itemsPerPage=0", "itemsPerPage=1001", "itemsPerPage=all", "page=102", "cursor=x"),
    *("cursor=", "cursor=WzFd", "state=gone", "state=", "delayed=maybe", "delayed="),
    *("order_id=", "tracking_code=", "language=", "order_by=state", "order_by=", "order_by=id+up"),
    *("order[state]=asc", "order[id]=up", "order[id]=", "order_date=2024-01-15"),
    *("order_date[after]=x", "order_date[after]=", "order_date[after]=2024-02-30"),
    *("order_date[since]=2024-01-15", "created_at[before]=1969-12-31", "order_date[]=2024-01-15"),
    *(
        "promised_delivery_date[strictly_before]=2101-01-01",
        "created_at[strictly_after]=1700000000",
    ),
]


@BEFORE_THE_DATABASE
@pytest.mark.parametrize("query", MALFORMED)
def test_malformed_values_are_400_naming_the_parameter(api: Api, query: str) -> None:
    api.order()
    assert faults(api.get(f"/v2/orders?{query}")) == [query.split("=")[0]]
    assert faults(api.get(f"/v2/orders?state=new&{query}")) == [query.split("=")[0]]


def test_more_filters_than_are_taken_are_400(api: Api) -> None:
    api.order("A", order_tags={f"k{number}": "v" for number in range(30)})
    tags = [f"order_tags[k{number}]=v" for number in range(30)]
    assert ids(api.get(f"/v2/orders?{'&'.join(tags[:20])}")) == ["A"]
    assert faults(api.get(f"/v2/orders?{'&'.join(tags[:22])}")) == [
        "order_tags[k20]",
        "order_tags[k21]",
    ]
    assert len(faults(api.get(f"/v2/orders?{'&'.join(['state=new'] * 2_000)}"))) == 1_980


def test_a_cursor_of_another_sorting_is_400(api: Api) -> None:
    many(api, 3)
    link = next_path(api.get("/v2/orders?limit=1&order_by=order_date"))
    assert link is not None
    assert faults(api.get(link.replace("order_by=order_date", "order_by=id"))) == ["cursor"]


def test_beyond_the_offset_the_answer_points_to_the_link(api: Api) -> None:
    answer = api.get("/v2/orders?page=11&itemsPerPage=1000")
    assert ids(answer) == []
    answer = api.get("/v2/orders?page=12&itemsPerPage=1000")
    assert faults(answer) == ["page"]
    assert "rel=next" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v2/orders?language=de", "/v2/shipments?carrier=dhl"])
def test_the_ceiling_is_a_setting(database: str, path: str) -> None:
    api = Api(database, max_listed=3)
    try:
        for name in many(api, 3):
            api.shipment(name, tracking_code=name, carrier={"name": "dhl"})
        assert len(api.get(path).json()) == 3
        api.order("ONE-MORE", language="de")
        api.shipment("ONE-MORE", tracking_code="T", carrier={"name": "dhl"})
        answer = api.get(path)
        assert answer.status_code == 400
        assert answer.json()["code"] == "too_many_matches"
        assert "limit" in answer.json()["detail"]
        assert "rel=next" in answer.json()["detail"]
        assert len(api.get(f"{path}&limit=1000").json()) == 4, "with paging there is no ceiling"
        assert len(api.get(path.split("?")[0]).json()) == 4, "nor without a filter"
    finally:
        api.close()


# Shipments


def parcels(api: Api) -> None:
    api.order("A")
    api.order("B")
    api.shipment("A", tracking_code="T-1", carrier={"name": "DHL"}, comment="1")
    api.shipment("A", tracking_code="T-2", reference_number="R-2", carrier={"name": "ups"})
    api.shipment("B", tracking_code="T-1", carrier={"name": "My Courier"})
    api.shipment("B", reference_number="R-4")
    api.update(reference_number="R-2", status="hub_scan")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "0123"),
        ("order_id=A", "01"),
        ("tracking_code=T-1", "02"),
        ("tracking_code=T-1&order_id=B", "2"),
        ("reference_number=R-2", "1"),
        ("reference_number=T-1", ""),
        ("status=hub_scan", "1"),
        ("status=new", "023"),
        ("status=lost", ""),
        ("status=Hub+scan+at+LMC", "1"),
        ("carrier=dhl", "0"),
        ("carrier=DHL", "0"),
        ("carrier=ups", "1"),
        ("carrier=my+courier", "2"),
        ("carrier=none", ""),
        ("order_by=-id", "3210"),
        ("order[id]=desc&order_id=A", "10"),
        ("limit=2&offset=1", "12"),
        ("page=2&itemsPerPage=3", "3"),
    ],
)
def test_shipments_likewise(api: Api, query: str, expected: str) -> None:
    parcels(api)
    every = [line["id"] for line in api.get("/v2/shipments").json()]
    assert len(every) == 4
    found = [line["id"] for line in api.get(f"/v2/shipments?{query}").json()]
    assert found == [every[int(place)] for place in expected]


def test_listed_shipments_are_whole(api: Api) -> None:
    parcels(api)
    for line in api.get("/v2/shipments?order_id=A").json():
        assert api.get(line["iri"]).json() == line


def test_shipments_are_followed_to_the_end(api: Api) -> None:
    api.order("A")
    made = [api.shipment("A", tracking_code=f"T-{number}")["id"] for number in range(7)]
    at: str | None = "/v2/shipments?order_id=A&limit=2"
    seen = []
    while at is not None:
        answer = api.get(at)
        seen += [line["id"] for line in answer.json()]
        at = next_path(answer)
    assert seen == made


@pytest.mark.parametrize(
    "query", ["status=gone", "limit=0", "order_by=state", "carrier=", "page=x"]
)
def test_malformed_values_of_shipments_are_400(api: Api, query: str) -> None:
    assert faults(api.get(f"/v2/shipments?{query}")) == [query.split("=")[0]]


def test_a_tag_filter_without_its_key_is_malformed(api: Api) -> None:
    answer = api.get("/v2/orders?order_tags=x")
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["propertyPath"] == "order_tags"
