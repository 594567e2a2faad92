"""Forms of the settings: what stands in them, and what came of sending them."""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from doorstep.domain.refusals import Refusal
from doorstep.service.forms.forms import Unfit
from doorstep.service.outcomes import Answer, Idempotency
from doorstep.web.dashboard.visit import CONFIRMED, FORM_TOKEN, Visit

WHOLE = re.compile(r"-?[0-9]{1,15}", re.ASCII)
ONCE = "once"
ONCE_BYTES = 16
MOST_ONCE_LENGTH = 64


class Filled(Struct, frozen=True):
    """A form as it is shown; `name` tells the forms of one page apart."""

    name: str
    fields: Mapping[str, Any]
    faults: Mapping[str, str] = {}

    def value(self, field: str) -> Any:
        given = self.fields.get(field)
        return "" if given is None else given

    def fault(self, field: str) -> str | None:
        return self.faults.get(field)


def faults_of(found: Unfit | Refusal, say: Callable[[str], str] = str) -> dict[str, str]:
    """What is wrong with each field, in a sentence or more."""
    faults: dict[str, str] = {}
    lines = (
        found.violations
        if isinstance(found, Unfit)
        else [(line.property_path, line.message) for line in found.violations]
    )
    for path, message in lines:
        field, rest = re.match(r"([^.\[]*)(.*)", path, re.DOTALL).groups()  # type: ignore[union-attr]
        text = f"{rest.lstrip('.')} {say(message)}".strip()
        faults[field] = f"{faults[field]} {text}" if field in faults else text
    return faults


def whole_or_text(text: str) -> int | str:
    """The number that a field holds, else its text, which whoever reads it refuses."""
    return int(text) if WHOLE.fullmatch(text) else text


def new_once() -> str:
    """Goes with a form that is to be carried out once, however often it is sent."""
    return secrets.token_urlsafe(ONCE_BYTES)


def once_key(visit: Visit) -> Idempotency | None:
    """By it a repeated form is known; nothing of its answer is kept. None for a form without."""
    given = visit.field(ONCE)
    if not (given.isascii() and given.isprintable() and 1 <= len(given) <= MOST_ONCE_LENGTH):
        return None
    digest = hashlib.blake2b(visit.path.encode(), digest_size=16)
    for field in sorted(visit.form):
        if field[0] not in (FORM_TOKEN, CONFIRMED):
            digest.update(repr(field).encode())
    return Idempotency(f"dashboard {given}", digest.hexdigest(), lambda made: Answer(200, {}, ""))
