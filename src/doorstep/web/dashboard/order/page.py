"""Everything there is on one order, and what can be done about it."""

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from doorstep.domain.decide.order_states import reportable_states
from doorstep.domain.order import Order, Shipment, internal_number
from doorstep.domain.refusals import Refusal, Violation
from doorstep.service.explanations import Explained, explain_order_numbered
from doorstep.service.forms.forms import Unfit, violations_of
from doorstep.service.order_trail import NEWEST, read_trail
from doorstep.service.outcomes import Done
from doorstep.service.web_address import web_address
from doorstep.service.webhooks.attempts import outcome_of
from doorstep.web.dashboard.order import wording
from doorstep.web.dashboard.order.actions import ACTIONS
from doorstep.web.dashboard.order.facts import MOST_TEXT, facts
from doorstep.web.dashboard.order.parts_of_lists import Part
from doorstep.web.dashboard.order.view import (
    MOST_OPEN_PARCELS,
    parcel_name,
    shown_items,
    shown_parcel,
    shown_parcels,
)
from doorstep.web.dashboard.page import Page
from doorstep.web.dashboard.visit import STATUS_OF_REFUSAL, UNFIT, Visit
from doorstep.web.dashboard.wording import STATES, STATUSES
from doorstep.web.tracking import cut

PATH = "/dashboard/orders/{order_number}"


async def _find(visit: Visit) -> Explained | None:
    number = internal_number(visit.request.path_params["order_number"])
    if number is None:
        return None
    return await explain_order_numbered(visit.services, visit.view, number, visit.translated)


async def page(visit: Visit) -> Response:
    return await _show(visit)


async def change(visit: Visit) -> Response:
    found = await _find(visit)
    if found is None:
        return visit.message(404)
    asked_for = ACTIONS.get(visit.field("action"))
    if asked_for is None:
        return visit.message(400)
    try:
        action = asked_for(visit, found.order)
    except Unfit as unfit:
        return await _show(visit, UNFIT, violations_of(unfit))
    if action is None:
        return visit.message(404)
    question = visit.confirm(action.question, action.button)
    if question is not None:
        return question
    outcome = await action.carry_out()
    if isinstance(outcome, Refusal):
        status = STATUS_OF_REFUSAL[outcome.kind]
        return await _show(visit, status, outcome.violations, outcome.detail)
    # Kept for a parcel to come: the one that it was for was removed at this moment.
    return (
        visit.done(visit.path, action.done(outcome))
        if isinstance(outcome, Done)
        else visit.message(404)
    )


async def _show(
    visit: Visit, status: int = 200, faults: Sequence[Violation] = (), refusal: str | None = None
) -> Response:
    """The page, with what is wrong with the form that was sent, if one was."""
    found = await _find(visit)
    if found is None:
        return visit.message(404)
    order = found.order
    parcels = _parcels(visit, order)
    if parcels is None:
        return visit.message(404)
    trail = await read_trail(visit.services, visit.account_id, order.order_number, _before(visit))
    return visit.html(
        "order.html",
        status,
        order=order,
        explained=found,
        parcels=parcels,
        is_alone=bool(visit.asked("parcel")),
        most_open=MOST_OPEN_PARCELS,
        names={one.shipment_number: parcel_name(visit, one) for one in order.shipments},
        items=shown_items(visit, order),
        trail=trail,
        is_newest=_before(visit) == NEWEST,
        recipient=facts(visit, order.recipient(order.recipient_version)),
        order_url=web_address(order.order_url),
        reportable=reportable_states(order),
        faults=_by_field(visit, faults),
        refusal=refusal,
        outcome_of=outcome_of,
        cut=lambda text: cut(str(text), MOST_TEXT),
        wording=wording,
        states=STATES,
        statuses=STATUSES,
    )


def _parcels(visit: Visit, order: Order) -> Part[Any] | None:
    """Those of the page, or the one that is asked for; None where there is no such one."""
    asked = visit.asked("parcel")
    if not asked:
        return shown_parcels(visit, order)
    number = internal_number(asked)
    parcel: Shipment | None = None if number is None else order.shipment(number)
    if parcel is None:
        return None
    counted = {one.shipment_number for one in order.counted_shipments}
    return Part([shown_parcel(visit, order, parcel, counted, is_alone=True)], 1, 1, 1)


def _before(visit: Visit) -> int:
    """The sequence before which events are shown."""
    text = visit.asked("before")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else NEWEST


def _by_field(visit: Visit, faults: Sequence[Violation]) -> dict[str, str]:
    found: dict[str, str] = {}
    for fault in faults:
        found[fault.property_path] = (
            f"{found.get(fault.property_path, '')} {visit.fault(fault.message)}".strip()
        )
    return found


PAGES = (Page(PATH, page, change),)
