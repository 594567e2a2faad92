"""Requests that schemathesis makes of the document that a server gives, each answer held to it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import schemathesis
from schemathesis.engine import events, from_schema

from tests.api.described import closed_components
from tests.e2e.shop import Shop

DECIDED: dict[str, Any] = {
    # A schema holds for all that is accepted, and the wire knows rules beyond it: that one of
    # three names is given, what a state allows, what is stored already.
    "positive_data_acceptance": {"enabled": False},
}
ENTRY_BY_ENTRY = {
    "include-path": "/v2/carrier_updates",
    # An array is answered with 200; it is in there that a bad entry is refused.
    "checks": {**DECIDED, "negative_data_rejection": {"enabled": False}},
}


class Checked(NamedTuple):
    """What became of some requests that belong together."""

    sent: int
    faults: list[str]


def generated(
    shop: Shop, scope: str, seed: int, examples: int, *, coverage: bool
) -> Iterator[Checked]:
    """Examples, boundary values (`coverage`), random ones, and chains of calls, in this order.

    `examples` is how many random requests an operation gets at most.
    """
    config = schemathesis.Config.from_dict(
        {
            "base-url": shop.server.url,
            "seed": seed,
            "headers": {"Authorization": f"Bearer {shop.tokens[scope]}"},
            "continue-on-failure": True,
            "warnings": False,
            "generation": {"max-examples": examples, "no-shrink": True, "database": "none"},
            "phases": {"coverage": {"enabled": coverage}},
            "checks": DECIDED,
            "operations": [ENTRY_BY_ENTRY],
        }
    )
    document = shop.http.get("/v2/openapi.json").json()
    document["components"] = closed_components(document["components"])
    _wait_for_nothing(document)
    schema = schemathesis.openapi.from_dict(document, config=config)
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            yield Checked(len(event.recorder.interactions), list(_faults(event)))
        elif isinstance(event, events.NonFatalError):
            yield Checked(0, [f"schemathesis itself failed: {event.label}: {event.value}"])
        elif isinstance(event, events.FatalError):
            raise event.exception


def _wait_for_nothing(document: dict[str, Any]) -> None:
    """Any number of seconds would be a valid wait, and each of them would be waited."""
    feed = document["paths"]["/v2/events"]["get"]
    feed["parameters"] = [one for one in feed["parameters"] if one["name"] != "wait"]


def _faults(event: events.ScenarioFinished) -> Iterator[str]:
    for checks in event.recorder.checks.values():
        for check in checks:
            found = check.failure_info
            if found is not None:
                failure = found.failure
                yield f"{check.name}: {failure.title}: {failure.message}\n{found.code_sample}"
