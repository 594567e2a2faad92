"""Settings: the account's access keys."""

from starlette.responses import Response

from doorstep.domain.refusals import Refusal
from doorstep.service.access import SCOPES, AccessKey, list_access_keys, revoke_key
from doorstep.service.access_keys import make_key
from doorstep.service.outcomes import Replayed
from doorstep.web.dashboard.rendering import DASHBOARD_HEADERS
from doorstep.web.dashboard.settings.forms import new_once, once_key
from doorstep.web.dashboard.settings.section import ACCESS_KEYS, html
from doorstep.web.dashboard.sign_in import SIGN_IN, forget
from doorstep.web.dashboard.visit import STATUS_OF_REFUSAL, Visit
from doorstep.web.dashboard.wording import _

MEANINGS = {
    "full": _("everything the account may do, including these settings"),
    "carrier": _("report carrier updates, and nothing else"),
    "read": _("look at everything, change nothing"),
}
"""What a key may do, by its scope."""

ASK_MAKE = _("Make a new access key with the scope %(scope)s?")
MAKE = _("Yes, make it")
ASK_REVOKE = _("Revoke the access key %(key_id)s? Whoever uses it is refused from then on.")
ASK_REVOKE_OWN = _(
    "Revoke the access key %(key_id)s? You are signed in with it yourself and will be signed out."
)
LAST_FULL = _("It is the last one with the scope full: only the command line can make another.")
REVOKE = _("Yes, revoke it")
MADE_BEFORE = _(
    "This form has already made a key, which was shown then and is now in the list. If you did "
    "not store it, revoke it and make another."
)


async def page(visit: Visit) -> Response:
    return await _show(visit)


async def _show(visit: Visit, status: int = 200, refusal: str | None = None) -> Response:
    return html(
        visit,
        "access_keys.html",
        status,
        keys=await list_access_keys(visit.services.store, visit.account_id),
        meanings={scope: visit.translated(MEANINGS[scope]) for scope in SCOPES},
        once=new_once(),
        refusal=refusal,
    )


async def change(visit: Visit) -> Response:
    match visit.field("action"):
        case "make":
            return await _make(visit, visit.field("scope"))
        case "revoke":
            return await _revoke(visit, visit.field("key_id"))
    return visit.message(400)


async def _make(visit: Visit, scope: str) -> Response:
    once = once_key(visit)
    if scope not in SCOPES or once is None:
        return visit.message(400)
    question = visit.translated(ASK_MAKE) % {"scope": scope}
    asking = visit.confirm(question, visit.translated(MAKE))
    if asking is not None:
        return asking
    made = await make_key(visit.services, visit.account_id, scope, once)
    if isinstance(made, Replayed):
        return await _show(visit, 409, visit.translated(MADE_BEFORE))
    if isinstance(made, Refusal):
        return await _show(visit, STATUS_OF_REFUSAL[made.kind], made.detail)
    return html(visit, "access_key.html", made=made)


async def _revoke(visit: Visit, key_id: str) -> Response:
    keys = await list_access_keys(visit.services.store, visit.account_id)
    key = next((key for key in keys if key.key_id == key_id), None)
    if key is None:
        return visit.message(404)
    is_own = key_id == visit.caller.key_id
    question = visit.translated(ASK_REVOKE_OWN if is_own else ASK_REVOKE) % {"key_id": key_id}
    if _is_last_full(keys, key):
        question += " " + visit.translated(LAST_FULL)
    asking = visit.confirm(question, visit.translated(REVOKE))
    if asking is not None:
        return asking
    services = visit.services
    await revoke_key(services.store, visit.account_id, key_id, services.clock())
    if is_own:
        return forget(Response(status_code=303, headers={**DASHBOARD_HEADERS, "Location": SIGN_IN}))
    return visit.done(ACCESS_KEYS, "revoked")


def _is_last_full(keys: list[AccessKey], key: AccessKey) -> bool:
    valid = [each.key_id for each in keys if each.scope == "full" and each.revoked_at is None]
    return valid == [key.key_id]
