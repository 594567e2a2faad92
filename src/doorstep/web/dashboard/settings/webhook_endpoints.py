"""Settings: where the account's events are sent, and adding another place."""

from typing import Any

from starlette.responses import Response

from doorstep.domain.refusals import Refusal
from doorstep.service.forms.forms import Unfit
from doorstep.service.forms.webhook_bodies import CHOOSABLE, WEBHOOK_ENDPOINT, url_check
from doorstep.service.outcomes import Replayed
from doorstep.service.webhooks.endpoints import ShownEndpoint, create_endpoint, list_endpoints
from doorstep.service.webhooks.signing import SIGNATURES
from doorstep.web.dashboard.settings.forms import ONCE, Filled, faults_of, new_once, once_key
from doorstep.web.dashboard.settings.section import html
from doorstep.web.dashboard.visit import STATUS_OF_REFUSAL, UNFIT, Visit
from doorstep.web.dashboard.wording import _

SIGNED = {
    "v1": _("HMAC-SHA256, with a secret that both sides know"),
    "v1a": _("ed25519, with a public key"),
}
"""How webhooks are signed, by the endpoint's `signature`."""

_GROUPS = list(dict.fromkeys(f"{name.partition('.')[0]}.*" for name in CHOOSABLE))
TYPES = sorted(
    CHOOSABLE, key=lambda name: (_GROUPS.index(f"{name.partition('.')[0]}.*"), name not in _GROUPS)
)
"""All types by their groups, each with its whole group first."""

MADE_BEFORE = _(
    "This form has already been carried out, and what it made was shown then. If you did not "
    "store the secret, make a new one for the endpoint."
)


def new() -> Filled:
    return Filled("new", {"signature": SIGNATURES[0], ONCE: new_once()})


async def page(visit: Visit) -> Response:
    return await _show(visit, new())


async def _show(
    visit: Visit, form: Filled, status: int = 200, refusal: str | None = None
) -> Response:
    return html(
        visit,
        "webhook_endpoints.html",
        status,
        endpoints=[
            each.endpoint for each in await list_endpoints(visit.services, visit.account_id)
        ],
        form=form,
        types=TYPES,
        signed={word: visit.translated(SIGNED[word]) for word in SIGNATURES},
        refusal=refusal,
    )


def entered(visit: Visit) -> dict[str, Any]:
    """What an endpoint's form holds, as a request's body would have it; no type stands for all."""
    texts = {name: visit.field(name) for name in ("url", "description")}
    return {**texts, "types": visit.fields("types") or None}


async def change(visit: Visit) -> Response:
    once = once_key(visit)
    if once is None:
        return visit.message(400)
    given = {**entered(visit), "signature": visit.field("signature")}
    form = Filled("new", {**given, ONCE: visit.field(ONCE)})
    try:
        read = visit.read(WEBHOOK_ENDPOINT, given, check=url_check(visit.services.sender))
    except Unfit as unfit:
        return await _show(visit, Filled("new", form.fields, faults_of(unfit)), UNFIT)
    made = await create_endpoint(
        visit.services, visit.account_id, {"signature": SIGNATURES[0], **read}, once
    )
    if isinstance(made, Replayed):
        return await _show(visit, new(), 409, visit.translated(MADE_BEFORE))
    if isinstance(made, Refusal):
        return await _show(visit, form, STATUS_OF_REFUSAL[made.kind], visit.fault(made.detail))
    return secret_shown(visit, made)


def secret_shown(visit: Visit, made: ShownEndpoint) -> Response:
    """The one answer that tells a secret."""
    return html(visit, "webhook_secret.html", made=made)
