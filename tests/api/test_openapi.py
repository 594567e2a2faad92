"""The document says what the server does, no more and no less, in valid OpenAPI 3.1."""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from doorstep.api.openapi import examples, texts
from doorstep.api.openapi.notes import NOTES, TIMES, WORDS
from doorstep.api.openapi.reference import default_document, reference_markdown
from doorstep.api.openapi.schemas import BODIES
from doorstep.domain.limits import Limits
from doorstep.service.forms.forms import Body, Reading, Unfit
from tests.api.described import Described, watched
from tests.conftest import Api

DOCUMENT = default_document()
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
OAS_SCHEMA = Path(__file__).with_name("openapi-3.1.schema.json")
"""The OpenAPI Initiative's own schema of OpenAPI 3.1 documents."""

VALUES: list[Any] = [
    *(None, "", " ", "x", "x" * 5000, "new", "NEW", "Carded", "delivered", "https://a.at/x"),
    *("2024-01-15", "2024-01-15 10:30", "2024-01-15T10:30:00.123456789+01:00", "2024-13-01"),
    *(True, False, 0, 1, -1, 2.5, 10**12, 2**53, 2**53 + 1, 1e300, 12345),
    *([], [None], ["de", 5, {}], [[]], ["AT", "de"], ["AUT"], [{}], [{"sku": "A"}], [{"sku": 7}]),
    *({}, {"a": "b"}, {"a": 1}, {"a": None}, {"a": ""}, {"x" * 300: "b"}, {"name": "dhl"}),
    *({"country": None, "name": ""}, {"city": "Wien", "zip_code": 1010}, {"order_id": 7}),
    *({"order_id": ""}, {str(number): "x" for number in range(101)}, [{"sku": "A"}] * 1001),
]
"""Whatever a field may be sent, sensible and not."""


@pytest.fixture
def described(api: Api) -> Described:
    return watched(api, Described(api.get("/v2/openapi.json").json()))


def test_it_is_valid_openapi() -> None:
    validator = Draft202012Validator(json.loads(OAS_SCHEMA.read_text()))
    assert [error.message for error in validator.iter_errors(DOCUMENT)] == []
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_its_schemas_are_schemas_and_its_references_lead_somewhere() -> None:
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)
    text = json.dumps(DOCUMENT)
    for kind, found in DOCUMENT["components"].items():
        wanted = {part.split('"')[0] for part in text.split(f'"#/components/{kind}/')[1:]}
        assert wanted <= set(found)
        alone = {"responses": {"MethodNotAllowed"}, "securitySchemes": {"bearer"}}
        assert set(found) - wanted == alone.get(kind, set())


def test_it_has_every_route_and_nothing_else(api: Api) -> None:
    served = {
        (path, route.method.lower()) for route in api.application.routes for path in route.paths
    }
    assert {(path, method) for path, method, _ in OPERATIONS} == served
    for path, _, operation in OPERATIONS:
        named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_it_is_served_without_a_token_and_with_the_limits_in_force(database: str) -> None:
    api = Api(database, max_identifier_length=77)
    answer = api.raw("GET", "/v2/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    order_id = answer.json()["components"]["schemas"]["OrderRequest"]["properties"]["order_id"]
    assert order_id["maxLength"] == 77
    assert api.raw("GET", "/v2/openapi.json").content == answer.content
    api.close()


def test_aliases_say_of_what() -> None:
    aliases = {
        (method, path): operation["x-alias-of"]
        for path, method, operation in OPERATIONS
        if "x-alias-of" in operation
    }
    assert aliases["post", "/v2/orders"] == "/v2/order"
    assert aliases["post", "/v2/order-states"] == "/v2/order_states"
    for (method, path), first in aliases.items():
        described = DOCUMENT["paths"][path][method]["description"]
        assert described.startswith(f"An alias of `{method.upper()} {first}`.")


def test_texts_are_about_what_there_is() -> None:
    names = {operation["operationId"].removesuffix("Alias") for _, _, operation in OPERATIONS}
    assert set(texts.OPERATIONS) == names
    for struct, field in (*NOTES, *WORDS):
        assert field in SCHEMAS[struct]["properties"], (struct, field)
    fields = {name for schema in SCHEMAS.values() for name in schema.get("properties", ())}
    assert set(TIMES) <= fields


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_request_schema_has_the_fields_that_are_read(body: Body) -> None:
    schema = SCHEMAS[body.name]
    assert list(schema["properties"]) == list(body.fields)
    assert set(schema.get("required", ())) == {
        name for name, field in body.fields.items() if field.required
    }
    for name, field in body.fields.items():
        assert field.note in schema["properties"][name].get("description", "")


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_whatever_is_read_fits_the_schema(body: Body) -> None:
    described = Described(DOCUMENT)
    reading = Reading(Limits(), ZoneInfo("Europe/Vienna"))
    for name in body.fields:
        accepted = 0
        for value in VALUES:
            given = {**examples.REQUESTS.get(body.name, {}), name: value, "unknown": [1]}
            try:
                body.read(given, reading)
            except Unfit:
                continue
            accepted += 1
            faults = described.faults({"$ref": f"#/components/schemas/{body.name}"}, given)
            assert faults == [], (name, value)
        assert accepted


def test_examples_fit_their_schemas() -> None:
    described = Described(DOCUMENT)
    given = {**examples.REQUESTS, **examples.ANSWERS}
    for name, example in given.items():
        assert described.faults({"$ref": f"#/components/schemas/{name}"}, example) == [], name
    for problem in examples.PROBLEMS.values():
        assert described.faults({"$ref": "#/components/schemas/ProblemAnswer"}, problem) == []


def test_examples_are_accepted(api: Api, described: Described) -> None:
    bodies = {name: body for name, body in examples.REQUESTS.items() if name != "TokenRequest"}
    done = set()
    for path, method, operation in OPERATIONS:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        name = next((name for name, body in bodies.items() if body is content.get("example")), None)
        if name is None:
            continue
        place = dict(examples.PATH)
        for parameter, listing in (
            ("shipment_id", "/v2/shipments"),
            ("item_id", f"/v2/orders/{examples.ORDER_ID}/items"),
            ("webhook_endpoint_id", "/v2/webhook_endpoints"),
        ):
            if parameter in path:
                place[parameter] = api.get(listing).json()[0]["id"]
        filled = path.format(**place)
        answer = api.call(method.upper(), filled, bodies[name])
        assert answer.is_success, (filled, answer.text)
        done.add(name)
    assert done == set(bodies)


def test_the_reference_is_made_from_it() -> None:
    committed = Path(__file__).parents[2] / "docs" / "api.md"
    assert committed.read_text() == reference_markdown()


def test_a_filter_that_is_true_or_false_takes_the_documented_words_alone(api: Api) -> None:
    parameters = DOCUMENT["paths"]["/v2/orders"]["get"]["parameters"]
    (words,) = (one["schema"]["enum"] for one in parameters if one["name"] == "delayed")
    for word in ("true", "false", "1", "0", "TRUE", "yes", "2", "null"):
        accepted = api.get(f"/v2/orders?delayed={word}").status_code == 200
        assert accepted == (word in words), word
