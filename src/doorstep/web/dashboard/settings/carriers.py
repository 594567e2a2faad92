"""Settings: the account's own carriers, beside those that are known."""

import re
from typing import Any

from starlette.responses import Response

from doorstep.domain.carriers import KNOWN_CARRIERS, Carrier
from doorstep.domain.refusals import Refusal
from doorstep.service.accounts import AccountView
from doorstep.service.carriers import own_carrier_check
from doorstep.service.forms.bodies import OWN_CARRIER
from doorstep.service.forms.forms import Unfit
from doorstep.web.dashboard.settings.forms import Filled, faults_of
from doorstep.web.dashboard.settings.section import CARRIERS, html
from doorstep.web.dashboard.visit import STATUS_OF_REFUSAL, UNFIT, Visit
from doorstep.web.dashboard.wording import _

ASK = _("Delete the carrier “%(name)s”?")
BUTTON = _("Yes, delete it")
TAKEN = _("There is a carrier with this code already.")
NEW = Filled("new", {})


async def page(visit: Visit) -> Response:
    return await _show(visit)


def _own(view: AccountView) -> dict[str, Carrier]:
    """Those that the account has added, and its versions of known ones."""
    return {
        code: carrier
        for code, carrier in view.carriers.items()
        if KNOWN_CARRIERS.get(code) != carrier
    }


async def _show(
    visit: Visit, sent: Filled | None = None, status: int = 200, refusal: str | None = None
) -> Response:
    view = await visit.services.accounts.current_view(visit.account_id)
    own = []
    for code, carrier in _own(view).items():
        if sent is not None and sent.name != NEW.name and sent.value("code") == code:
            own.append((carrier, Filled(f"carrier-{code}", sent.fields, sent.faults)))
        else:
            fields = {
                "code": code,
                "name": carrier.name,
                "countries": " ".join(carrier.countries),
                "tracking_url": carrier.tracking_url,
            }
            own.append((carrier, Filled(f"carrier-{code}", fields)))
    new = sent if sent is not None and sent.name == NEW.name else NEW
    known = [each for each in KNOWN_CARRIERS.values() if view.carriers[each.code] == each]
    return html(visit, "carriers.html", status, own=own, known=known, new=new, refusal=refusal)


async def change(visit: Visit) -> Response:
    action, code = visit.field("action"), visit.field("code").lower()
    view = await visit.services.accounts.current_view(visit.account_id)
    own = _own(view)
    if action != "add" and code not in own:
        return visit.message(404)
    if action == "delete":
        return await _delete(visit, own[code])
    entered = {name: visit.field(name) for name in ("code", "name", "countries", "tracking_url")}
    given: dict[str, Any] = {**entered, "countries": re.split(r"[\s,;]+", entered["countries"])}
    if not entered["countries"]:
        del given["countries"]
    form = Filled("new" if action == "add" else "known", entered)
    try:
        read = visit.read(OWN_CARRIER, given, check=own_carrier_check(code))
    except Unfit as unfit:
        return await _show(visit, Filled(form.name, entered, faults_of(unfit)), UNFIT)
    if action == "add" and code in own:
        faults = {"code": visit.translated(TAKEN)}
        return await _show(visit, Filled(form.name, entered, faults), UNFIT)
    carrier = Carrier(code, read["name"], read["countries"], read.get("tracking_url"))
    await visit.services.accounts.put_carrier(visit.account_id, carrier)
    return visit.done(CARRIERS, "saved")


async def _delete(visit: Visit, carrier: Carrier) -> Response:
    question = visit.translated(ASK) % {"name": carrier.name}
    asking = visit.confirm(question, visit.translated(BUTTON))
    if asking is not None:
        return asking
    refusal = await visit.services.accounts.delete_carrier(visit.account_id, carrier.code)
    if isinstance(refusal, Refusal):
        status = STATUS_OF_REFUSAL[refusal.kind]
        return await _show(visit, status=status, refusal=refusal.detail)
    return visit.done(CARRIERS, "deleted")
