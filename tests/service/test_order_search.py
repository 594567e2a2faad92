"""Orders by one text: those that bear it come first, else whose customer begins so."""

from collections.abc import Iterator
from typing import Any

import pytest

from doorstep.service.listings import Filter, Page, TooBroad
from doorstep.service.order_search import search_orders
from doorstep.store import listings
from tests.conftest import Api


def furnish(api: Api) -> str:
    """Orders that every text tells apart; the internal number of the first."""
    anna = {"first_name": "Anna", "last_name": "Schmidt", "email": "Anna@Example.com"}
    first = api.order("A", recipient=anna)
    api.order("B", recipient={**anna, "email": "bert@example.com"})
    api.shipment("B", tracking_code="T-1", carrier={"name": "DHL"}, recipient_last_name="Schmidt")
    api.shipment("B", tracking_code="T-2", carrier={"name": "dhl"}, recipient_last_name="Schmidke")
    api.order("C", recipient={"first_name": "Ida Maria", "last_name": "van der  Berg"})
    api.order("D", recipient={"last_name": "Before", "email": "before@x.example"})
    api.put("/v2/orders/D", {"recipient": {"last_name": "Groß", "email": "after@x.example"}})
    api.order("E")
    api.shipment("E", tracking_code="A", carrier={"name": "ups"}, recipient_email="e_%@x.example")
    shop = {"recipient_last_name": "Returns", "return_parcel": True}
    api.shipment("E", tracking_code="R", carrier={"name": "gls"}, **shop)
    api.order("F", recipient={"first_name": "T-1", "last_name": "Smith, Jr."})
    api.order("Smith", recipient={"first_name": ",;'\\", "email": "%@x.example"})
    api.order("G", recipient={"last_name": "Anna"})
    api.order("Gone", recipient=anna)
    assert api.delete("/v2/orders/Gone").status_code == 204
    other = api.account("Other")
    assert api.post("/v2/order", {"order_id": "A", "recipient": anna}, key=other).status_code == 201
    return str(first["iri"].rsplit("/", 1)[1])


def search(api: Api, text: str, *filters: Filter, **paging: Any) -> list[Any]:
    """The rows found in the first account."""
    view = api.run(api.services.accounts.view(1))
    page = Page(**{"sort": "id", "descending": True, "limit": 50, **paging})
    asked = search_orders(api.services, view, text, list(filters), page, lambda listed: listed)
    listed = api.run(asked)
    return [(row, listed.orders[row.order_number].order_id) for row in listed.found]


def names(found: list[Any]) -> str:
    return " ".join(order_id for _, order_id in found)


FOUND = {
    # Whoever bears it, newest first: order id and tracking code.
    "A": "E A",
    " B ": "B",
    "T-1": "B",
    "T-2": "B",
    "b": "",
    # Nobody is looked for by name where one bears the text.
    "Smith": "Smith",
    "smith": "F",
    # A name, in either order, or its beginning.
    "schmid": "B A",
    "Schmidt": "B A",
    "SCHMIDT  anna": "B A",
    "Anna Schmidt": "B A",
    "Schmidt, Anna": "B A",
    "schmidke": "B",
    "smith jr. t-1": "F",
    "T-1 Smith, Jr.": "F",
    "Smith, J": "F",
    "Anna": "G",
    "Ida Maria van der Berg": "",
    "van der berg": "C",
    "Maria van der berg": "",
    "Berg": "",
    "grOSS": "D",
    "Before": "",
    "Returns": "",
    # An address, or its beginning.
    "anna@example.com": "A",
    "BERT@": "B",
    "after@x": "D",
    "before@x": "",
    "e_%@": "E",
    "%@": "Smith",
    "@": "",
    # Nothing, and what means nothing.
    "": "G Smith F E D C B A",
    " \t\0": "G Smith F E D C B A",
    ";": "Smith",
    ",": "",
    "x\0y": "",
    "\U0010ffff": "",
    "9" * 15: "",
    "x" * 10_000: "",
    "a b c d e f g h": "",
}


def test_what_a_text_means(api: Api) -> None:
    number = furnish(api)
    assert {text: names(search(api, text)) for text in FOUND} == FOUND
    assert names(search(api, number)) == "A"


def test_filters_go_together_with_a_text(api: Api) -> None:
    furnish(api)
    of_dhl, shipped = Filter("carrier", "=", "dhl"), Filter("state", "=", "shipped")
    late = Filter("delayed", "=", True)
    for text, filters, expected in (
        ("schmidt", [of_dhl], "B"),
        ("schmidt", [shipped, of_dhl], "B"),
        ("schmidt", [late], ""),
        ("A", [shipped], "E"),
        ("", [of_dhl], "B"),
        ("", [Filter("carrier", "=", "ups"), Filter("carrier", "=", "gls")], "E"),
        ("", [Filter("carrier", "=", "dh")], ""),
        ("", [of_dhl, Filter("order_date", ">=", 0)], "B"),
    ):
        assert names(search(api, text, *filters)) == expected, (text, filters)


def pages(api: Api, text: str) -> Iterator[str]:
    """One order a page, by the cursor."""
    after = None
    while found := search(api, text, limit=1, after=after):
        yield names(found)
        after = (found[0][0].sort_value, found[0][0].number)


@pytest.mark.parametrize(
    ("text", "expected"), [("A", "EA"), ("schm", "BA"), ("anna schmidt", "BA")]
)
def test_pages_go_on_in_what_the_first_has_found(api: Api, text: str, expected: str) -> None:
    furnish(api)
    # A person by the name of an order, who is not to follow it.
    api.order("Z", recipient={"last_name": "A"})
    assert "".join(pages(api, text)) == expected
    assert names(search(api, text, limit=1, offset=1)) == expected[1]
    assert search(api, text, offset=2) == []


def test_what_matches_too_much_and_together_too_little_is_refused(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(sqlite_api)
    monkeypatch.setattr(listings, "MOST_ROWS", 3)
    with pytest.raises(TooBroad):
        search(sqlite_api, "schm", Filter("state", "=", "shipped"), limit=1)
