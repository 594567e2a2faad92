"""What is wrong with a form's fields, in German: each sentence as `service/` really says it."""

import ast
import inspect
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from doorstep import times
from doorstep.domain.limits import Limits
from doorstep.service.accounts import account_faults, warehouse_faults
from doorstep.service.carriers import own_carrier_check
from doorstep.service.forms.bodies import ACCOUNT, CARRIER_UPDATE, OWN_CARRIER, STATE
from doorstep.service.forms.forms import Body, Reading, Unfit
from doorstep.service.forms.webhook_bodies import REPLAY, ROTATION, check_replay
from doorstep.service.webhooks.urls import url_fault
from doorstep.times import with_offset
from doorstep.web.dashboard.faults import PATTERNS, fault_text
from doorstep.web.dashboard.rendering import translate
from tests.catalogues import sources
from tests.conftest import Api
from tests.web.dashboard.visitor import Visitor

VIENNA = ZoneInfo("Europe/Vienna")
TIMES = ("2027-03-28T02:30", "2027-02-30T10:00", "2500-01-01T10:00")
URLS = (
    *("x", "https://a:b@shop.example/", "https://shop.example/#a", "https://shop.example:0/"),
    *("https://sh_op!.example/", "http://10.0.0.1/", "http://8.8.2056/"),
)
ACCOUNTS = (
    *({"name": ""}, {"name": "a\u2028b"}, {"name": "x" * 999_999}),
    *({"slug": "A b"}, {"slug": "dashboard"}, {"time_zone": "<b>\nMoon"}, {"language": "x"}),
    *({"untrackable_days": "x"}, {"untrackable_days": -1}, {"untrackable_days": 366}),
    *({"colour": "red"}, {"order_link": "x"}),
)


def _said() -> Iterable[str]:
    reading = Reading(Limits(), VIENNA)

    def read(body: Body, value: Mapping[str, Any], **how: Any) -> Iterable[str]:
        with pytest.raises(Unfit) as unfit:
            body.read(dict(value), reading, **how)
        return [text for _, text in unfit.value.violations]

    for value in ACCOUNTS:
        yield from read(
            ACCOUNT, value, partial=True, check=lambda read, _: account_faults(read).items()
        )
    yield from warehouse_faults("x" * 999_999, Limits()).values()
    yield from read(
        OWN_CARRIER, {"countries": ["Wien"], "tracking_url": "x"}, check=own_carrier_check("!")
    )
    yield from read(STATE, {"state": "lost", "datetime": "soon"})
    yield from read(CARRIER_UPDATE, {"shipment_id": "1", "datetime": 1})
    yield from read(ROTATION, {"overlap_hours": "x"})
    yield from read(REPLAY, {}, check=check_replay)
    yield from filter(None, (url_fault(url, ()) for url in URLS))
    for text in TIMES:
        with pytest.raises(ValueError, match=r"\.$") as error:
            with_offset(text, VIENNA)
        yield str(error.value)


def test_what_forms_are_told_is_said_in_german() -> None:
    say = partial(translate, "de")
    for message in _said():
        assert fault_text(message, say) != message, message
        assert fault_text(message, str) == message


def test_each_is_still_said() -> None:
    """In these words: what was reworded would be told in English again."""
    said = {
        text
        for package in ("doorstep.service", "doorstep.domain")
        for path in sources(package, "py")
        for text in _written(ast.parse(path.read_text()))
    } | set(_written(ast.parse(inspect.getsource(times))))
    unsaid = [text for text, pattern in PATTERNS.items() if not any(map(pattern.fullmatch, said))]
    assert unsaid == []


def _written(tree: ast.AST) -> Iterable[str]:
    """The strings of a module, with an X for what is put into them."""
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=parts):
                yield "".join(
                    str(getattr(part, "value", "")) if isinstance(part, ast.Constant) else "X"
                    for part in parts
                )


def test_another_one_stays_as_it_is() -> None:
    assert fault_text("is <odd> 100 %.", partial(translate, "de")) == "is <odd> 100 %."


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_it_stands_beside_its_field(api: Api) -> None:
    assert api.put("/v2/account", {"language": "de"}).status_code == 200
    answer = Visitor(api).send("/dashboard/settings", {"name": ""})
    assert answer.status_code == 422
    assert 'id="shop-name-wrong">darf nicht leer sein.' in answer.text
    path = f"/dashboard/orders/{api.order()['id']}"
    report = {"action": "state", "state": "paid", "datetime": "2027-12-01T10:00"}
    refused = Visitor(api).confirmed(path, report)
    assert refused.status_code == 422
    assert '-fault">liegt mehr als 24 Stunden in der Zukunft.' in refused.text
