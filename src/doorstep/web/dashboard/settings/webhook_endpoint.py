"""Settings: one webhook endpoint, and all that can be done with it."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

from doorstep.domain.order import internal_number
from doorstep.domain.refusals import Refusal
from doorstep.service.forms.forms import Unfit
from doorstep.service.forms.webhook_bodies import (
    REPLAY,
    ROTATION,
    WEBHOOK_ENDPOINT_CHANGE,
    check_replay,
    range_of,
    url_check,
)
from doorstep.service.outcomes import Replayed
from doorstep.service.webhooks import endpoints
from doorstep.service.webhooks.deleting import delete_endpoint
from doorstep.service.webhooks.endpoints import ShownEndpoint
from doorstep.service.webhooks.replays import replay
from doorstep.service.webhooks.trying import try_endpoint
from doorstep.web.dashboard.given_time import given_time
from doorstep.web.dashboard.settings.forms import (
    ONCE,
    Filled,
    faults_of,
    new_once,
    once_key,
    whole_or_text,
)
from doorstep.web.dashboard.settings.section import WEBHOOK_ENDPOINTS, html
from doorstep.web.dashboard.settings.webhook_endpoints import (
    MADE_BEFORE,
    SIGNED,
    TYPES,
    entered,
    secret_shown,
)
from doorstep.web.dashboard.visit import STATUS_OF_REFUSAL, UNFIT, Visit
from doorstep.web.dashboard.wording import _

ASK_ROTATE = _(
    "Make a new secret for this endpoint? Hours for which the old one also signs: %(hours)s."
)
ROTATE = _("Yes, make a new one")
ASK_DELETE = _("Delete this endpoint, with all that waits to be sent to it and all attempts?")
DELETE = _("Yes, delete it")
ASK_REPLAY = _("Send these events to this endpoint again?")
REPLAY_THEM = _("Yes, send them again")


async def found(visit: Visit) -> ShownEndpoint | None:
    """The endpoint that the path names; None for none, and for another account's."""
    number = internal_number(visit.request.path_params["endpoint_number"])
    if number is None:
        return None
    shown = await endpoints.get_endpoint(visit.services, visit.account_id, number)
    return None if isinstance(shown, Refusal) else shown


async def page(visit: Visit) -> Response:
    shown = await found(visit)
    return visit.message(404) if shown is None else _show(visit, shown)


def _show(
    visit: Visit,
    shown: ShownEndpoint,
    sent: Filled | None = None,
    status: int = 200,
    refusal: str | None = None,
) -> Response:
    endpoint = shown.endpoint
    forms = [
        Filled(
            "change", {name: getattr(endpoint, name) for name in ("url", "description", "types")}
        ),
        Filled("rotate", {"overlap_hours": endpoints.OVERLAP_HOURS, ONCE: new_once()}),
        Filled("replay", {ONCE: new_once()}),
    ]
    return html(
        visit,
        "webhook_endpoint.html",
        status,
        endpoint=endpoint,
        public_key=shown.public_key,
        forms={each.name: sent if sent and sent.name == each.name else each for each in forms},
        types=TYPES,
        signed=visit.translated(SIGNED[endpoint.signature]),
        most_hours=endpoints.MOST_OVERLAP_HOURS,
        refusal=refusal,
    )


async def change(visit: Visit) -> Response:
    shown = await found(visit)
    if shown is None:
        return visit.message(404)
    action = ACTIONS.get(visit.field("action"))
    return visit.message(400) if action is None else await action(visit, shown)


async def _save(visit: Visit, shown: ShownEndpoint) -> Response:
    given = entered(visit)
    try:
        changes = visit.read(
            WEBHOOK_ENDPOINT_CHANGE, given, partial=True, check=url_check(visit.services.sender)
        )
    except Unfit as unfit:
        return _show(visit, shown, Filled("change", given, faults_of(unfit)), UNFIT)
    number = shown.endpoint.endpoint_number
    changed = await endpoints.change_endpoint(visit.services, visit.account_id, number, changes)
    return _told(visit, shown, changed, "saved")


def _told(visit: Visit, shown: ShownEndpoint, outcome: object, what: str) -> Response:
    """Back to the endpoint's page, or what it was refused for."""
    if isinstance(outcome, Refusal):
        return _refused(visit, shown, outcome)
    return visit.done(visit.path, what)


def _refused(
    visit: Visit, shown: ShownEndpoint, refusal: Refusal, sent: Filled | None = None
) -> Response:
    if refusal.kind == "missing":
        return visit.message(404)
    status = STATUS_OF_REFUSAL[refusal.kind]
    if sent is None or not refusal.violations:
        return _show(visit, shown, sent, status, visit.fault(refusal.detail))
    return _show(
        visit, shown, Filled(sent.name, sent.fields, faults_of(refusal, visit.fault)), status
    )


async def _pause(visit: Visit, shown: ShownEndpoint) -> Response:
    number = shown.endpoint.endpoint_number
    paused = await endpoints.pause_endpoint(visit.services, visit.account_id, number, None)
    return _told(visit, shown, paused, "paused")


async def _resume(visit: Visit, shown: ShownEndpoint) -> Response:
    number = shown.endpoint.endpoint_number
    resumed = await endpoints.resume_endpoint(visit.services, visit.account_id, number, None)
    return _told(visit, shown, resumed, "resumed")


async def _test(visit: Visit, shown: ShownEndpoint) -> Response:
    number = shown.endpoint.endpoint_number
    attempt = await try_endpoint(visit.services, visit.account_id, number)
    if isinstance(attempt, Refusal):
        return visit.message(404)
    return visit.done(f"{visit.path}/deliveries", "tested")


async def _delete(visit: Visit, shown: ShownEndpoint) -> Response:
    asking = visit.confirm(visit.translated(ASK_DELETE), visit.translated(DELETE))
    if asking is not None:
        return asking
    number = shown.endpoint.endpoint_number
    refusal = await delete_endpoint(visit.services, visit.account_id, number)
    return visit.message(404) if refusal else visit.done(WEBHOOK_ENDPOINTS, "deleted")


async def _rotate(visit: Visit, shown: ShownEndpoint) -> Response:
    once = once_key(visit)
    if once is None:
        return visit.message(400)
    given = {"overlap_hours": whole_or_text(visit.field("overlap_hours"))}
    sent = Filled("rotate", {**given, ONCE: visit.field(ONCE)})
    try:
        read = visit.read(ROTATION, given)
    except Unfit as unfit:
        return _show(visit, shown, Filled("rotate", sent.fields, faults_of(unfit)), UNFIT)
    hours = read.get("overlap_hours", endpoints.OVERLAP_HOURS)
    question = visit.translated(ASK_ROTATE) % {"hours": hours}
    asking = visit.confirm(question, visit.translated(ROTATE))
    if asking is not None:
        return asking
    number = shown.endpoint.endpoint_number
    made = await endpoints.rotate_secret(visit.services, visit.account_id, number, hours, once)
    if isinstance(made, Replayed):
        return _show(visit, shown, None, 409, visit.translated(MADE_BEFORE))
    if isinstance(made, Refusal):
        return _refused(visit, shown, made, sent)
    return secret_shown(visit, made)


async def _replay(visit: Visit, shown: ShownEndpoint) -> Response:
    once = once_key(visit)
    if once is None:
        return visit.message(400)
    texts = {name: visit.field(name) for name in ("since", "after", "until")}
    given: dict[str, Any] = {name: whole_or_text(text) for name, text in texts.items()}
    since = given_time(visit, "since")
    given["since"] = since.text

    def check(read: Mapping[str, Any], faulty: set[str]) -> Iterable[tuple[str, str]]:
        return since.check(read, faulty) or check_replay(read, faulty)

    sent = Filled("replay", {**texts, ONCE: visit.field(ONCE)})
    try:
        wanted = range_of(visit.read(REPLAY, given, check=check))
    except Unfit as unfit:
        return _show(visit, shown, Filled("replay", sent.fields, faults_of(unfit)), UNFIT)
    asking = visit.confirm(visit.translated(ASK_REPLAY), visit.translated(REPLAY_THEM))
    if asking is not None:
        return asking
    number = shown.endpoint.endpoint_number
    begun = await replay(visit.services, visit.account_id, number, wanted, once)
    if isinstance(begun, Refusal):
        return _refused(visit, shown, begun, sent)
    return visit.done(visit.path, "replayed")


ACTIONS = {
    "save": _save,
    "pause": _pause,
    "resume": _resume,
    "test": _test,
    "rotate": _rotate,
    "replay": _replay,
    "delete": _delete,
}
