"""The bodies of requests about webhook endpoints."""

from collections.abc import Iterable, Mapping
from typing import Any

from doorstep.service.events.kinds import KINDS
from doorstep.service.forms.forms import (
    GIVEN_TIME,
    SEQUENCE,
    TEXT,
    URL,
    Body,
    Check,
    Field,
    Form,
    Reading,
    Unfit,
    one_of,
    whole,
)
from doorstep.service.webhooks.endpoints import MOST_OVERLAP_HOURS, OVERLAP_HOURS
from doorstep.service.webhooks.replays import Range
from doorstep.service.webhooks.sending import Sender
from doorstep.service.webhooks.signing import SIGNATURES

CHOOSABLE = (*KINDS, *sorted({f"{name.partition('.')[0]}.*" for name in KINDS}))
"""The types of events, and `order.*` for all that begin so."""


def _read_types(value: Any, reading: Reading) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise Unfit(("", "must be a list of types of events; null for all."))
    unknown = [
        (f"[{index}]", "is no type of event, and no order.* or the like.")
        for index, name in enumerate(value)
        if not isinstance(name, str) or name not in CHOOSABLE
    ]
    if unknown:
        raise Unfit(*unknown)
    return tuple(dict.fromkeys(value))


EVENT_CHOICE = Form(
    _read_types,
    lambda limits: {
        "type": "array",
        "minItems": 1,
        "items": {"type": "string", "enum": list(CHOOSABLE)},
    },
)

WEBHOOK_ENDPOINT_CHANGE = Body(
    "WebhookEndpointChangeRequest",
    {
        "url": Field(URL, note="http or https, to a public address or an allowed network."),
        "types": Field(EVENT_CHOICE, note="The types of events that are sent; null for all."),
        "description": Field(TEXT),
    },
)

WEBHOOK_ENDPOINT = Body(
    "WebhookEndpointRequest",
    {
        **WEBHOOK_ENDPOINT_CHANGE.fields,
        "url": Field(URL, True, "http or https, to a public address or an allowed network."),
        "signature": Field(
            one_of(SIGNATURES), note="`v1` when not given: HMAC-SHA256; `v1a`: ed25519."
        ),
    },
)

ROTATION = Body(
    "SecretRotationRequest",
    {
        "overlap_hours": Field(
            whole(0, MOST_OVERLAP_HOURS),
            note=f"How long the secrets before it sign as well; {OVERLAP_HOURS} when not given.",
        )
    },
)

REPLAY = Body(
    "WebhookReplayRequest",
    {
        "after": Field(SEQUENCE, note="The sequence after which to begin; this or `since`."),
        "since": Field(GIVEN_TIME, note="Begins with what was recorded then."),
        "until": Field(SEQUENCE, note="The last sequence; the newest when not given."),
    },
)


def url_check(sender: Sender) -> Check:
    """Whether webhooks could be sent to the given URL."""

    def check(given: Mapping[str, Any], faulty: set[str]) -> Iterable[tuple[str, str]]:
        if "url" in given:
            fault = sender.url_fault(given["url"] or "")
            if fault is not None:
                yield "url", fault

    return check


def check_replay(given: Mapping[str, Any], faulty: set[str]) -> Iterable[tuple[str, str]]:
    if not faulty & {"after", "since"} and ("after" in given) == ("since" in given):
        yield from ((name, "One of after and since is required.") for name in ("after", "since"))


def range_of(given: Mapping[str, Any]) -> Range:
    """What a `REPLAY` asks for."""
    since = given.get("since")
    return Range(given.get("after"), since and since.instant, given.get("until"))
