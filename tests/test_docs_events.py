"""docs/events.md: a row for every type, each example as the published schema says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from doorstep.api.event_parameters import MOST_WAIT_SECONDS
from doorstep.api.event_stream import HEARTBEAT_SECONDS
from doorstep.service.events.kinds import KINDS
from doorstep.service.events.log import MOST_SCANNED
from doorstep.service.events.schemas import event_schema
from tests.api.test_event_types import strict

PAGE = (Path(__file__).parents[1] / "docs" / "events.md").read_text(encoding="utf-8")
WHOLE: dict[str, Any] = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
OF_THE_ACCOUNT = ("webhook_endpoint.paused",)
ROWS = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|.*\| `(\{.*\})` \|$", PAGE, re.MULTILINE)


def test_every_type_has_a_row() -> None:
    assert [kind for kind, _ in ROWS] == list(KINDS)


@pytest.mark.parametrize(("kind", "data"), [("order.shipped", ""), *ROWS])
def test_every_example_is_as_its_schema_says(kind: str, data: str) -> None:
    event = dict(WHOLE)
    if data:
        names = {name: WHOLE["data"][name] for name in ("id", "order_id", "iri")}
        event |= {"type": kind, "dataschema": f"/v2/schemas/{kind}.json"}
        event["data"] = json.loads(data) if kind in OF_THE_ACCOUNT else names | json.loads(data)
    Draft202012Validator(strict(event_schema(kind))).validate(event)


def test_the_figures_are_those_of_the_code() -> None:
    assert f"up to {MOST_WAIT_SECONDS} seconds" in PAGE
    assert f"at most {MOST_SCANNED:,} events are looked at" in PAGE
    assert HEARTBEAT_SECONDS == 10, "after ten seconds of silence"
