"""API, section 2: the account and its warehouses."""

import asyncio
from typing import Any

import pytest

from tests.conftest import Api
from tests.databases import BEFORE_THE_DATABASE, execute

CHANGES: list[tuple[str, Any]] = [
    ("name", "Möbel & Co."),
    ("slug", "mobel-co-2"),
    ("time_zone", "Europe/Vienna"),
    ("language", "de-AT"),
    ("language", "de_DE"),
    ("untrackable_days", 0),
    ("untrackable_days", 365),
    ("untrackable_days", None),
    ("mail_events", ["paid", "delayed"]),
    ("mail_events", []),
    ("retention_days", 1),
    ("retention_days", None),
    ("logo_url", "https://shop.example/logo.png"),
    ("logo_url", None),
    ("colour", "#0a7D5c"),
    ("colour", None),
    ("order_link", "open"),
    ("order_link", "off"),
]


def faults(answer: Any) -> set[str]:
    assert answer.status_code == 400, answer.text
    return {line["propertyPath"] for line in answer.json()["violations"]}


def test_a_new_account(api: Api) -> None:
    assert api.get("/v2/account").json() == {
        "id": 1,
        "name": "Shop",
        "slug": "shop",
        "time_zone": "UTC",
        "language": "en",
        "untrackable_days": None,
        "mail_events": ["shipped", "out_for_delivery", "delivered", "delayed"],
        "retention_days": None,
        "logo_url": None,
        "colour": None,
        "order_link": "ask",
        "created_at": "2027-01-15T08:00:00.000Z",
    }


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_put_changes_only_what_is_given(api: Api, name: str, value: Any) -> None:
    before = api.get("/v2/account").json()
    answer = api.put("/v2/account", {name: value})
    assert answer.status_code == 200
    assert answer.json() == {**before, name: value}
    assert api.get("/v2/account").json() == answer.json()


def test_read_change_write(api: Api) -> None:
    read = api.get("/v2/account").json()
    assert api.put("/v2/account", read).json() == read
    assert api.put("/v2/account", {}).json() == read
    read["untrackable_days"] = 5
    assert api.put("/v2/account", {**read, "id": 9, "created_at": "never"}).json() == read


def test_changes_at_the_same_moment_are_both_kept(api: Api) -> None:
    api.get("/v2/account")
    changes = ({"name": "Möbel"}, {"language": "de"}, {"untrackable_days": 5})
    sent = [api.send("PUT", "/v2/account", json=change) for change in changes]
    assert {answer.status_code for answer in api.run(_gather(sent))} == {200}
    changed = api.get("/v2/account").json()
    assert [changed[key] for key in ("name", "language", "untrackable_days")] == ["Möbel", "de", 5]


def test_a_put_keeps_what_another_process_has_just_set(api: Api) -> None:
    api.get("/v2/account")
    execute(api.database, "UPDATE accounts SET time_zone = 'Europe/Vienna'")
    changed = api.put("/v2/account", {"language": "de"}).json()
    assert (changed["time_zone"], changed["language"]) == ("Europe/Vienna", "de")
    assert api.get("/v2/account").json() == changed


async def _gather(sent: list[Any]) -> list[Any]:
    return await asyncio.gather(*sent)


def test_null_switches_untrackable_days_off(api: Api) -> None:
    for nothing in (None, ""):
        api.put("/v2/account", {"untrackable_days": 5})
        changed = api.put("/v2/account", {"untrackable_days": nothing}).json()
        assert changed["untrackable_days"] is None


@BEFORE_THE_DATABASE
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("name", ""),
            ("name", None),
            ("name", 5),
            ("name", "x" * 4_097),
            ("name", "CR\r\nBcc: x"),
        ),
        *(("slug", ""), ("slug", "Shop"), ("slug", "a b"), ("slug", "-a"), ("slug", "x" * 61)),
        *(("slug", None), ("time_zone", "Vienna"), ("time_zone", ""), ("time_zone", "../etc")),
        *(("time_zone", "+01:00"), ("time_zone", 1), ("language", "german!"), ("language", "")),
        *(("language", "d"), ("untrackable_days", -1), ("untrackable_days", 366)),
        *(("untrackable_days", 1.5), ("untrackable_days", "5"), ("untrackable_days", True)),
        *(("mail_events", ["payed"]), ("mail_events", "paid"), ("mail_events", [1])),
        *(("logo_url", "javascript:alert(1)"), ("logo_url", "/logo.png"), ("logo_url", 1)),
        *(("logo_url", "data:image/png;base64,AA"), ("logo_url", "https://shop.example/a b")),
        *(("colour", "red"), ("colour", "#fff"), ("colour", "#0a7d5c;"), ("colour", "#0a7d5g")),
        *(("order_link", "on"), ("order_link", None), ("order_link", ""), ("order_link", True)),
        *(("retention_days", 0), ("retention_days", 36_501), ("retention_days", 1.5)),
    ],
)
def test_what_no_account_has_is_400(api: Api, name: str, value: Any) -> None:
    before = api.get("/v2/account").json()
    assert faults(api.put("/v2/account", {name: value})) == {name}
    both = {name: value, "language" if name != "language" else "name": "it"}
    assert faults(api.put("/v2/account", both)) == {name}
    assert api.get("/v2/account").json() == before, "nothing of a refused PUT is done"


def test_a_slug_that_another_account_has_is_409(api: Api) -> None:
    other = api.account("Other")
    answer = api.put("/v2/account", {"slug": "other", "language": "de"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "slug_taken"
    assert answer.json()["violations"][0]["propertyPath"] == "slug"
    assert api.get("/v2/account").json()["language"] == "en"
    assert api.get("/v2/account", key=other).json()["slug"] == "other"
    assert api.put("/v2/account", {"slug": "shop"}).status_code == 200, "its own"


def test_a_warehouse_is_put_moved_and_deleted(api: Api) -> None:
    assert api.get("/v2/warehouses").json() == []
    answer = api.put("/v2/warehouses/Main", {"address": "Here 1"})
    assert answer.status_code == 201
    assert answer.json() == {"name": "Main", "address": "Here 1"}
    answer = api.put("/v2/warehouses/Main", {"address": "There 2"})
    assert answer.status_code == 200
    assert api.get("/v2/warehouses").json() == [{"name": "Main", "address": "There 2"}]
    assert api.delete("/v2/warehouses/Main").status_code == 204
    assert api.delete("/v2/warehouses/Main").status_code == 404
    assert api.get("/v2/warehouses").json() == []


def test_of_warehouses_put_or_deleted_at_the_same_moment_one_is_the_first(api: Api) -> None:
    path = "/v2/warehouses/Main"
    api.get("/v2/warehouses")
    put = [api.send("PUT", path, json={"address": "Here"}) for _ in range(3)]
    assert [answer.status_code for answer in api.run(_gather(put))] == [201, 200, 200]
    deleted = [api.send("DELETE", path) for _ in range(3)]
    assert [answer.status_code for answer in api.run(_gather(deleted))] == [204, 404, 404]


@pytest.mark.parametrize("name", ["A/B", "Main Warehouse", "Ä", "..", "100%", "a+b", "x" * 999])
def test_a_warehouse_has_any_name(api: Api, name: str) -> None:
    path = "/v2/warehouses/" + "".join(f"%{byte:02X}" for byte in name.encode())
    assert api.put(path, {"address": "Here"}).json()["name"] == name
    assert api.get("/v2/warehouses").json() == [{"name": name, "address": "Here"}]
    assert api.delete(path).status_code == 204


def test_warehouses_are_listed_by_name(api: Api) -> None:
    for name in ("C", "A", "B"):
        api.put(f"/v2/warehouses/{name}", {"address": "Here"})
    assert [line["name"] for line in api.get("/v2/warehouses").json()] == ["A", "B", "C"]


@pytest.mark.parametrize("address", [None, "", 5, [], "x" * 4_097])
def test_a_warehouse_needs_an_address(api: Api, address: Any) -> None:
    assert faults(api.put("/v2/warehouses/Main", {"address": address})) == {"address"}
    assert faults(api.put("/v2/warehouses/Main", {})) == {"address"}
    assert api.get("/v2/warehouses").json() == []
