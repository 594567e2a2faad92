"""Every field of every body that a route takes, and what is wrong for it."""

import copy
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from doorstep.api.openapi.examples import ORDER_ID, REQUESTS
from doorstep.api.routes.table import table
from doorstep.service.forms import bodies, forms, webhook_bodies
from doorstep.service.forms.forms import Body, Field, Form

MARK = "what a test puts in here"


class Place(NamedTuple):
    """An object in a request: at some keys of the body of a route."""

    method: str
    path: str
    whole: Body
    keys: tuple[str | int, ...]
    body: Body

    def property_path(self, name: str) -> str:
        parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in (*self.keys, name))
        return "".join(parts).removeprefix(".")

    def request(self, key: str, text: str) -> bytes:
        """A valid body but for one key of the object, which has some text for its JSON."""
        whole: Any = copy.deepcopy(REQUESTS[self.whole.name])
        found = whole
        for step in self.keys:
            found = found[0] if step == 0 else found.setdefault(step, copy.deepcopy(INSIDE[step]))
        found[key] = MARK
        return json.dumps(whole).replace(f'"{MARK}"', text).encode("utf-8", "surrogateescape")


INSIDE: dict[Any, Any] = {
    "recipient": {},
    "carrier": {"name": "dhl"},
    "order": {"order_id": ORDER_ID},
    "order_items": [{"sku": "A"}],
}
BODIES_INSIDE: dict[str, tuple[Body, tuple[int, ...]]] = {
    "recipient": (bodies.RECIPIENT, ()),
    "carrier": (bodies.CARRIER_NAME, ()),
    "order": (bodies.ORDER, ()),
    "order_items": (bodies.ITEM, (0,)),
}


async def _no_token(call: Any) -> Any:
    raise AssertionError


ROUTES = table(_no_token)


def places() -> Iterator[Place]:
    for route in ROUTES:
        if route.body is not None:
            yield from _inside(Place(route.method, route.paths[0], route.body, (), route.body))


def _inside(place: Place) -> Iterator[Place]:
    yield place
    for name in place.body.fields:
        if name in BODIES_INSIDE:
            body, more = BODIES_INSIDE[name]
            yield from _inside(place._replace(keys=(*place.keys, name, *more), body=body))


def fields() -> Iterator[tuple[Place, str, Field]]:
    for place in places():
        for name, field in place.body.fields.items():
            yield place, name, field


IMPOSSIBLE = [
    *("2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-10T00:00Z"),
    *("2024-01-15T25:00:00Z", "2024-01-15T10:60:00Z", "2024-01-15T10:30:00+24:00", "0000-00-00"),
    *("1969-12-31T23:59:59Z", "2101-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "tomorrow"),
]
NO_TIME = ["true", "{}", "[]", *(f'"{time}"' for time in IMPOSSIBLE)]
BEYOND = ["9007199254740993", "1e17", "1" + "0" * 400, "-1", "-0.5", "-9007199254740993"]
NO_NUMBER = ['"5"', "true", "{}", "[]", *BEYOND]
NO_TEXT = ["true", "{}", "[]", '["x"]']
TOO_LONG = '"' + "x" * 5_000 + '"'
TOO_MANY_TAGS = json.dumps({str(number): "x" for number in range(101)})
NO_OBJECT = ["5", '"x"', "true", "[1]", "[{}]"]

WRONG: dict[Form, list[str]] = {
    forms.TEXT: [*NO_TEXT, "5", TOO_LONG],
    forms.URL: [*NO_TEXT, "5", TOO_LONG],
    forms.CODE: [*NO_TEXT, TOO_LONG],
    forms.IDENTIFIER: [*NO_TEXT, TOO_LONG, "1" * 300],
    forms.ACCESS_KEY: [*NO_TEXT, "5", TOO_LONG],
    forms.FLAG: ['"yes"', '"true"', "1", "0", "{}", "[]"],
    forms.AMOUNT: NO_NUMBER,
    forms.TIME: NO_TIME,
    forms.PROMISE: [*NO_TIME, '"2024-02-30"', '"2101-01-01"'],
    forms.GIVEN_TIME: [*NO_TIME, "1700000000", '"2100-01-01T00:00:00Z"'],
    forms.TAGS: ['"x"', "5", "true", "[1]", '{"a": []}', '{"a": {}}', TOO_MANY_TAGS],
    forms.LANGUAGE: ["5", "true", "{}", "[5]", "[[]]", TOO_LONG],
    forms.IGNORED: [],
    bodies.CARRIER: ["5", "true", "[1]", '{"name": 5}', TOO_LONG],
    bodies.MAIL_WORDS: ["5", '"paid"', "true", "{}", "[5]", '["payed"]', '[["paid"]]'],
    webhook_bodies.EVENT_CHOICE: [
        *("5", '"order.paid"', "true", "{}", "[]", "[5]", '["order.payed"]', '[["order.paid"]]'),
    ],
    webhook_bodies.WEBHOOK_ENDPOINT.fields["signature"].form: ["5", "true", "[]", '"v2"'],
    webhook_bodies.ROTATION.fields["overlap_hours"].form: [*NO_NUMBER, "1.5", "169"],
    forms.SEQUENCE: [*NO_NUMBER, "1.5"],
    bodies.COUNTRIES: ["5", '"AT"', "true", "{}", "[5]", '["AUT"]', '["A1"]', '["ÄT"]'],
    bodies.ORDER.fields["recipient"].form: NO_OBJECT,
    bodies.ORDER.fields["order_items"].form: ["5", '"x"', "true", "{}", "[5]", "[[]]", "[{}]"],
    bodies.SHIPMENT.fields["order"].form: NO_OBJECT,
    bodies.ITEM_CHANGE.fields["status"].form: ["5", "true", "{}", "[]", '"unheard_of"'],
    bodies.CARRIER_UPDATE.fields["status"].form: ["5", "true", "{}", "[]", '"unheard_of"'],
    bodies.STATE.fields["state"].form: [
        *NO_TEXT,
        "5",
        '"unheard_of"',
        '"shipped"',
        '"completed"',
    ],
}
"""JSON by form that is none of it; a form without an entry fails the tests."""
