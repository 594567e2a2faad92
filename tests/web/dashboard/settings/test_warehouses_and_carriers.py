"""The account's warehouses, and the carriers that it adds to the known ones."""

from typing import Any

import pytest

from tests.conftest import Api
from tests.web.dashboard.visitor import Visitor

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

WAREHOUSES = "/dashboard/settings/warehouses"
CARRIERS = "/dashboard/settings/carriers"
NORTH = {"name": "North", "address": "Street 1\r\n1010 Vienna"}
BIKES = {
    "code": "Bikes",
    "name": "Bike Courier",
    "countries": "at, DE\nde;ch",
    "tracking_url": "https://courier.example/{tracking_code}",
}


def warehouses(api: Api, key: str | None = None) -> dict[str, str]:
    found = api.get("/v2/warehouses", key=key).json()
    return {each["name"]: each["address"] for each in found}


def carrier(api: Api, code: str) -> dict[str, Any] | None:
    return next((each for each in api.get("/v2/carriers").json() if each["code"] == code), None)


def test_a_warehouse_comes_moves_and_goes(api: Api) -> None:
    visitor = Visitor(api)
    added = visitor.send(WAREHOUSES, {"action": "add", **NORTH})
    assert added.headers["Location"] == f"{WAREHOUSES}?done=saved"
    assert warehouses(api) == {"North": "Street 1\n1010 Vienna"}
    visitor.send(WAREHOUSES, {"action": "save", "name": "North", "address": "Street 2"})
    assert warehouses(api) == {"North": "Street 2"}
    delete = {"action": "delete", "name": "North"}
    assert "Delete the warehouse “North”?" in visitor.send(WAREHOUSES, delete).text
    assert warehouses(api) != {}
    assert visitor.confirmed(WAREHOUSES, delete).headers["Location"].endswith("?done=deleted")
    assert warehouses(api) == {}


WAREHOUSE_FAULTS = (
    ({**NORTH, "name": " "}, 'id="new-name-wrong">is required.'),
    ({**NORTH, "name": "x" * 4097}, 'id="new-name-wrong">is too long.'),
    ({**NORTH, "address": ""}, 'id="new-address-wrong">is required.'),
    ({**NORTH, "name": "South"}, 'id="new-name-wrong">There is a warehouse of this name'),
)


def test_a_warehouse_at_fault(api: Api) -> None:
    api.put("/v2/warehouses/South", {"address": "Street 9"})
    visitor = Visitor(api)
    for fields, said in WAREHOUSE_FAULTS:
        answer = visitor.send(WAREHOUSES, {"action": "add", **fields})
        assert (answer.status_code, said in answer.text) == (422, True), said
    assert warehouses(api) == {"South": "Street 9"}


def test_a_known_warehouse_at_fault(api: Api) -> None:
    api.put("/v2/warehouses/South", {"address": "Street 9"})
    fields = {"action": "save", "name": "South", "address": "x" * 4097}
    answer = Visitor(api).send(WAREHOUSES, fields)
    assert (answer.status_code, answer.text.count("is longer than 4096")) == (422, 1)


def test_a_warehouse_by_any_name_can_be_deleted(api: Api) -> None:
    for name in ("%20spaces%20", "two%0Alines", "a%2Fb"):
        api.put(f"/v2/warehouses/{name}", {"address": "Street 9"})
    visitor, names = Visitor(api), list(warehouses(api))
    for name in names:
        sent = name.replace("\n", "\r\n")
        assert visitor.confirmed(WAREHOUSES, {"action": "delete", "name": sent}).status_code == 303
    assert (len(names), warehouses(api)) == (3, {})


def test_a_carrier_comes_changes_and_goes(api: Api) -> None:
    visitor = Visitor(api)
    assert visitor.send(CARRIERS, {"action": "add", **BIKES}).status_code == 303
    added = {**BIKES, "code": "bikes", "countries": ["AT", "CH", "DE"]}
    assert carrier(api, "bikes") == added
    visitor.send(CARRIERS, {"action": "save", **BIKES, "code": "bikes", "tracking_url": ""})
    assert carrier(api, "bikes") == {**added, "tracking_url": None}
    delete = {"action": "delete", "code": "bikes"}
    assert "Delete the carrier “Bike Courier”?" in visitor.send(CARRIERS, delete).text
    assert visitor.confirmed(CARRIERS, delete).status_code == 303
    assert carrier(api, "bikes") is None


def test_a_known_carrier_is_replaced_and_comes_back(api: Api) -> None:
    visitor, known = Visitor(api), carrier(api, "dhl")
    assert visitor.send(CARRIERS, {"action": "add", **BIKES, "code": "dhl"}).status_code == 303
    assert carrier(api, "dhl") != known
    delete = {"action": "delete", "code": "dhl"}
    visitor.confirmed(CARRIERS, delete)
    assert carrier(api, "dhl") == known
    assert visitor.send(CARRIERS, delete).status_code == 404


CARRIER_FAULTS = (
    ("code", "no spaces", "must be letters, digits"),
    ("code", "own", "There is a carrier with this code already."),
    ("name", "", "is required."),
    ("countries", "", "is required."),
    ("countries", "AT Germany", "must be a list of two-letter country codes."),
    ("tracking_url", "javascript:alert({tracking_code})", "must be http or https"),
    ("tracking_url", "https://courier.example/", "must be http or https"),
)


def test_a_carrier_at_fault(api: Api) -> None:
    api.put("/v2/carriers/own", {"name": "Own", "countries": ["AT"]})
    visitor = Visitor(api)
    for field, text, said in CARRIER_FAULTS:
        answer = visitor.send(CARRIERS, {"action": "add", **BIKES, field: text})
        assert answer.status_code == 422, (field, text)
        assert f'id="new-{field}-wrong">{said}' in answer.text
    assert carrier(api, "bikes") is None


def test_others_are_not_there(api: Api) -> None:
    other = api.account()
    api.put("/v2/warehouses/North", {"address": "Street 1"}, key=other)
    api.put("/v2/carriers/bikes", {"name": "Bikes", "countries": ["AT"]}, key=other)
    visitor = Visitor(api)
    for path, name in ((WAREHOUSES, {"name": "North"}), (CARRIERS, {"code": "bikes"})):
        for action in ("save", "delete", ""):
            fields = {**NORTH, **BIKES, **name, "action": action, "confirmed": "yes"}
            assert visitor.send(path, fields).status_code == 404
    assert warehouses(api, other) == {"North": "Street 1"}
