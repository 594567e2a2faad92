"""Settings: the warehouses that items and shipments name."""

from collections.abc import Container

from starlette.responses import Response

from doorstep.service.accounts import warehouse_faults
from doorstep.service.forms.bodies import WAREHOUSE
from doorstep.service.forms.forms import Unfit
from doorstep.web.dashboard.settings.forms import Filled, faults_of
from doorstep.web.dashboard.settings.section import WAREHOUSES, html
from doorstep.web.dashboard.visit import UNFIT, Visit
from doorstep.web.dashboard.wording import _

ASK = _("Delete the warehouse “%(name)s”?")
BUTTON = _("Yes, delete it")
TAKEN = _("There is a warehouse of this name already.")
REQUIRED = "is required."
NEW = Filled("new", {})


async def page(visit: Visit) -> Response:
    return await _show(visit)


async def _show(visit: Visit, sent: Filled | None = None, status: int = 200) -> Response:
    view = await visit.services.accounts.current_view(visit.account_id)
    known = [
        Filled(f"warehouse-{index}", {"name": name, "address": address})
        for index, (name, address) in enumerate(view.warehouses.items())
    ]
    if sent is not None and sent.name != NEW.name:
        known = [
            Filled(each.name, sent.fields, sent.faults)
            if each.value("name") == sent.value("name")
            else each
            for each in known
        ]
    new = sent if sent is not None and sent.name == NEW.name else NEW
    return html(visit, "warehouses.html", status, known=known, new=new)


def _name(visit: Visit, known: Container[str]) -> str:
    """Whatever a program has called one, its own form leads to it."""
    given = next((text for field, text in visit.form if field == "name"), "")
    given = given.replace("\r\n", "\n")
    return given if given in known else given.strip()


async def change(visit: Visit) -> Response:
    accounts = visit.services.accounts
    known = (await accounts.current_view(visit.account_id)).warehouses
    action, name = visit.field("action"), _name(visit, known)
    if action != "add" and name not in known:
        return visit.message(404)
    if action == "delete":
        question = visit.translated(ASK) % {"name": name}
        asking = visit.confirm(question, visit.translated(BUTTON))
        if asking is not None:
            return asking
        refusal = await accounts.delete_warehouse(visit.account_id, name)
        return visit.message(404) if refusal else visit.done(WAREHOUSES, "deleted")

    def faults() -> dict[str, str]:
        if action == "add" and name in known:
            return {"name": visit.translated(TAKEN)}
        if not name:
            return {"name": REQUIRED}
        return warehouse_faults(name, visit.services.limits)

    given = {"address": visit.field("address").replace("\r\n", "\n")}
    try:
        read = visit.read(WAREHOUSE, given, check=lambda read, faulty: faults().items())
    except Unfit as unfit:
        form = "new" if action == "add" else "known"
        return await _show(visit, Filled(form, {"name": name, **given}, faults_of(unfit)), UNFIT)
    await accounts.put_warehouse(visit.account_id, name, read["address"])
    return visit.done(WAREHOUSES, "saved")
