"""API, section 9: the carriers known to doorstep, and an account's own."""

import asyncio
from typing import Any

import pytest

from tests.conftest import Api
from tests.databases import BEFORE_THE_DATABASE

KNOWN = (
    *("brt", "bpost", "celeritas", "colissimo", "deutschepost", "dhl", "dpd", "gls", "hermes"),
    *("mondialrelay", "postat", "postnl", "postnord", "prime-network", "ups"),
)
EUROPEAN_UNION = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
)
OWN = {
    "name": "Bike Courier",
    "countries": ["AT", "DE"],
    "tracking_url": "https://courier.example.com/{tracking_code}?lang=en",
}


def carriers(api: Api) -> dict[str, dict[str, Any]]:
    return {carrier["code"]: carrier for carrier in api.get("/v2/carriers").json()}


def faults(answer: Any) -> set[str]:
    assert answer.status_code == 400, answer.text
    return {line["propertyPath"] for line in answer.json()["violations"]}


def tracking_url(api: Api, name: str, code: str = "T") -> Any:
    """Where a parcel of this carrier is shown."""
    api.post("/v2/order", {"order_id": "ORD-1"})
    return api.shipment(tracking_code=code, carrier={"name": name})["carrier_tracking_url"]


def test_fifteen_carriers_are_known(api: Api) -> None:
    listed = api.get("/v2/carriers").json()
    assert sorted(carrier["code"] for carrier in listed) == sorted(KNOWN)
    assert len(listed) == 15


@pytest.mark.parametrize("code", KNOWN)
def test_a_known_carrier(api: Api, code: str) -> None:
    carrier = carriers(api)[code]
    assert set(carrier) == {"code", "name", "countries", "tracking_url"}
    assert carrier["code"] == code == code.lower()
    assert carrier["name"]
    assert {*EUROPEAN_UNION, "CH", "GB", "NO", "US"} <= set(carrier["countries"])
    assert all(len(name) == 2 and name.isupper() for name in carrier["countries"])
    assert len(set(carrier["countries"])) == len(carrier["countries"])
    url = carrier["tracking_url"]
    assert url is None or (url.startswith("https://") and url.count("{tracking_code}") == 1)


def test_dhl_word_for_word(api: Api) -> None:
    dhl = carriers(api)["dhl"]
    assert (dhl["name"], dhl["tracking_url"][:23]) == ("DHL", "https://www.dhl.com/de-")
    assert {"AT", "DE", "JP", "BR", "AU"} <= set(dhl["countries"])


@pytest.mark.parametrize("name", ["dhl", "DHL", " Dhl "])
def test_a_parcels_link_is_made_from_the_carriers(api: Api, name: str) -> None:
    assert tracking_url(api, name, "A/1 ä").endswith("tracking-id=A%2F1%20%C3%A4")


def test_an_account_adds_its_own(api: Api) -> None:
    answer = api.put("/v2/carriers/bike", OWN)
    assert answer.status_code == 201
    assert answer.json() == {"code": "bike", **OWN}
    assert carriers(api)["bike"] == answer.json()
    assert len(carriers(api)) == 16
    codes = [carrier["code"] for carrier in api.get("/v2/carriers").json()]
    assert codes == sorted(codes)
    assert tracking_url(api, "bike") == "https://courier.example.com/T?lang=en"
    assert tracking_url(api, "bike courier", "U") == "https://courier.example.com/U?lang=en"


def test_of_carriers_put_or_deleted_at_the_same_moment_one_is_the_first(api: Api) -> None:
    async def three(method: str, **options: Any) -> list[int]:
        sent = [api.send(method, "/v2/carriers/bike", **options) for _ in range(3)]
        return [answer.status_code for answer in await asyncio.gather(*sent)]

    api.get("/v2/carriers")
    assert api.run(three("PUT", json=OWN)) == [201, 200, 200]
    assert api.run(three("DELETE")) == [204, 404, 404]


def test_an_own_carrier_is_replaced_whole(api: Api) -> None:
    api.put("/v2/carriers/bike", OWN)
    answer = api.put("/v2/carriers/bike", {"name": "B", "countries": []})
    assert answer.status_code == 200
    assert answer.json() == {"code": "bike", "name": "B", "countries": [], "tracking_url": None}
    assert carriers(api)["bike"] == answer.json()


def test_codes_are_lower_case_and_countries_upper_case(api: Api) -> None:
    body = {"name": "B", "countries": ["de", "At", "DE"]}
    answer = api.put("/v2/carriers/BIKE", body).json()
    assert (answer["code"], answer["countries"]) == ("bike", ["AT", "DE"])
    assert api.delete("/v2/carriers/Bike").status_code == 204


def test_other_names_on_shipments_are_kept_as_given(api: Api) -> None:
    api.order()
    given = {"name": "Ömer's Van ", "country": "de"}
    shipment = api.shipment(tracking_code="T", carrier=given)
    assert shipment["carrier"] == given
    assert shipment["carrier_tracking_url"] is None


def test_an_own_one_may_stand_in_for_a_known_one_until_it_is_deleted(api: Api) -> None:
    known = carriers(api)["dhl"]
    assert api.put("/v2/carriers/dhl", OWN).status_code == 200
    assert carriers(api)["dhl"] == {"code": "dhl", **OWN}
    assert len(carriers(api)) == 15
    assert tracking_url(api, "dhl") == "https://courier.example.com/T?lang=en"
    assert api.delete("/v2/carriers/dhl").status_code == 204
    assert carriers(api)["dhl"] == known


@pytest.mark.parametrize("code", KNOWN)
def test_a_known_carrier_cannot_be_deleted(api: Api, code: str) -> None:
    answer = api.delete(f"/v2/carriers/{code}")
    assert answer.status_code == 409
    assert answer.json()["code"] == "carrier_built_in"
    assert code in carriers(api)


def test_delete(api: Api) -> None:
    assert api.delete("/v2/carriers/bike").status_code == 404
    api.put("/v2/carriers/bike", OWN)
    assert api.delete("/v2/carriers/bike").status_code == 204
    assert "bike" not in carriers(api)
    assert api.delete("/v2/carriers/bike").status_code == 404


@BEFORE_THE_DATABASE
@pytest.mark.parametrize(
    ("code", "change", "expected"),
    [
        ("bike", {"name": ""}, {"name"}),
        ("bike", {"name": 5}, {"name"}),
        ("bike", {"countries": None}, {"countries"}),
        ("bike", {"countries": "AT"}, {"countries"}),
        ("bike", {"countries": {}}, {"countries"}),
        ("bike", {"countries": ["AUT"]}, {"countries"}),
        ("bike", {"countries": ["A1"]}, {"countries"}),
        ("bike", {"countries": ["ÄÖ"]}, {"countries"}),
        ("bike", {"countries": [5]}, {"countries"}),
        ("bike", {"tracking_url": "https://x.example.com"}, {"tracking_url"}),
        ("bike", {"tracking_url": "ftp://x/{tracking_code}"}, {"tracking_url"}),
        ("bike", {"tracking_url": "javascript:alert('{tracking_code}')"}, {"tracking_url"}),
        ("bike", {"tracking_url": "//x.example.com/{tracking_code}"}, {"tracking_url"}),
        ("bike", {"tracking_url": "https://{tracking_code}"}, {"tracking_url"}),
        ("bike", {"tracking_url": "https://x.example.com/{tracking_code}" * 99}, {"tracking_url"}),
        ("-bike", {}, {"code"}),
        ("b%20ike", {}, {"code"}),
        ("b%2Fike", {}, {"code"}),
        ("%C3%A4", {}, {"code"}),
        ("x" * 64, {}, {"code"}),
    ],
)
def test_what_is_no_carrier_is_400(
    api: Api, code: str, change: dict[str, Any], expected: set[str]
) -> None:
    assert faults(api.put(f"/v2/carriers/{code}", {**OWN, **change})) == expected
    assert len(carriers(api)) == 15


def test_an_own_carrier_is_its_accounts_alone(api: Api) -> None:
    other = api.account()
    api.put("/v2/carriers/bike", OWN)
    assert "bike" not in {line["code"] for line in api.get("/v2/carriers", key=other).json()}
    assert api.delete("/v2/carriers/bike", key=other).status_code == 404
    assert api.put("/v2/carriers/bike", {**OWN, "name": "Theirs"}, key=other).status_code == 201
    assert carriers(api)["bike"]["name"] == "Bike Courier"
