"""What the shop is called, where it is, what its pages look like, and whom it mails."""

from functools import partial
from typing import Any

import pytest

from doorstep.service.accounts import USUAL_MAIL_EVENTS
from doorstep.service.media.wanted import media_path, url_hash
from doorstep.store import media
from doorstep.store.media import DueMedia, Picture
from tests.conftest import Api
from tests.web.dashboard.visitor import Visitor

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

SHOP = "/dashboard/settings"
MAILS = "/dashboard/settings/mails"
FILLED = {
    "name": "Möbel & Co.",
    "slug": "moebel",
    "time_zone": "Europe/Vienna",
    "language": "de",
    "logo_url": "https://shop.example/logo.png",
    "own_colour": "yes",
    "colour": "#0a7d5c",
    "order_link": "open",
    "untrackable_days": "14",
    "retention_days": "",
}
SAVED = {"own_colour": None, "untrackable_days": 14, "retention_days": None}


def account(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/v2/account").json()
    return found


def test_all_is_saved_and_stands_in_the_form(api: Api) -> None:
    visitor = Visitor(api)
    answer = visitor.send(SHOP, FILLED)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{SHOP}?done=saved")
    wanted = {name: SAVED.get(name, text) for name, text in FILLED.items()}
    del wanted["own_colour"]
    found = account(api)
    assert {name: found[name] for name in wanted} == wanted
    page = visitor.page(answer.headers["Location"])
    assert 'role="status">Gespeichert.' in page
    for shown in ('value="Möbel &amp; Co."', 'value="14"', 'value="#0a7d5c"'):
        assert shown in page
    assert '<option value="open" selected>' in page
    visitor.send(SHOP, {"colour": "#0a7d5c"})
    assert account(api)["colour"] is None
    assert account(api)["slug"] == "moebel"


FAULTS = (
    ("name", "", "cannot be empty."),
    ("name", "a\u2028b", "must be one line"),
    ("slug", "Not A Slug", "must be lower-case letters"),
    ("slug", "dashboard", "cannot be dashboard"),
    ("time_zone", "<script>x</script>", "&lt;script&gt;x&lt;/script&gt; is not the name"),
    ("language", "x", "must be a language"),
    ("logo_url", "javascript:alert(1)", "must be an http or https URL"),
    ("order_link", "", "must be one of ask, open, off."),
    ("untrackable_days", "366", "must be a whole number from 0 to 365."),
    ("untrackable_days", "a few", "must be a number."),
    ("retention_days", "0", "must be a whole number from 1 to"),
    ("retention_days", "9" * 400, "must be a number."),
)


def test_a_fault_is_told_beside_its_field(api: Api) -> None:
    visitor, before = Visitor(api), account(api)
    for field, text, said in FAULTS:
        answer = visitor.send(SHOP, {**FILLED, field: text})
        assert answer.status_code == 422, field
        assert f'id="shop-{field}-wrong">{said}' in answer.text
        assert "<script>" not in answer.text
        assert 'value="moebel"' in answer.text or field == "slug"
    assert account(api) == before


def test_a_slug_belongs_to_one(api: Api) -> None:
    api.account("Other")
    answer = Visitor(api).send(SHOP, {**FILLED, "slug": "other"})
    assert answer.status_code == 409
    assert 'id="shop-slug-wrong">belongs to another account.' in answer.text


def test_deleting_old_orders_is_asked_for(api: Api) -> None:
    visitor = Visitor(api)
    fields = {**FILLED, "retention_days": "730"}
    asked = visitor.send(SHOP, fields)
    assert "nothing has happened for 730 days are deleted" in asked.text
    assert account(api)["retention_days"] is None
    assert visitor.confirmed(SHOP, fields).status_code == 303
    assert account(api)["retention_days"] == 730
    assert visitor.send(SHOP, fields).status_code == 303
    assert visitor.send(SHOP, {"retention_days": ""}).status_code == 303
    assert account(api)["retention_days"] is None


def test_the_logo_is_shown_once_it_is_there(api: Api) -> None:
    visitor, url = Visitor(api), FILLED["logo_url"]
    visitor.send(SHOP, FILLED)
    assert "Es wurde noch nicht abgerufen" in visitor.page(SHOP)
    due, picture = DueMedia(1, url_hash(url), url, 0), Picture("image/webp", b"drawn")
    api.run(api.services.store.write(partial(media.keep, due=due, picture=picture, now=1)))
    api.services.accounts.forget(1)
    assert f'<img src="{media_path(1, url)}"' in visitor.page(SHOP)


def test_mails_are_chosen(api: Api) -> None:
    visitor = Visitor(api)
    assert "These are the usual ones." in visitor.page(MAILS)
    for sent, kept in (
        ({"action": "save", "mail_events": ["paid", "delayed"]}, ["paid", "delayed"]),
        ({"action": "save"}, []),
        ({"action": "usual", "mail_events": ["paid"]}, [*USUAL_MAIL_EVENTS]),
    ):
        assert visitor.send(MAILS, sent).headers["Location"] == f"{MAILS}?done=saved"
        assert account(api)["mail_events"] == kept
        is_usual = "These are the usual ones." in visitor.page(MAILS)
        assert is_usual == (sent["action"] == "usual")
    assert visitor.send(MAILS, {"mail_events": "order.paid"}).status_code == 400
    assert account(api)["mail_events"] == [*USUAL_MAIL_EVENTS]
