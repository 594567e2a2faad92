"""What can be done on the page of an order: each as the API does it, once it was confirmed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from babel.dates import get_timezone_gmt

from doorstep.domain.order import Instant, Order, Shipment, internal_number
from doorstep.service.carrier_updates import record_carrier_update
from doorstep.service.deciding import change_order
from doorstep.service.forms.bodies import CARRIER_UPDATE, ORDER_CHANGE, SHIPMENT_CHANGE, STATE
from doorstep.service.forms.changes import (
    given_update,
    order_change,
    shipment_change,
    state_report,
)
from doorstep.service.outcomes import Done, Outcome
from doorstep.service.shipments import update_shipment
from doorstep.times import format_time, local_time
from doorstep.web.dashboard.given_time import given_time
from doorstep.web.dashboard.order.view import parcel_name
from doorstep.web.dashboard.visit import Visit
from doorstep.web.dashboard.wording import STATES, STATUSES, _
from doorstep.web.tracking import cut

FLAGS = {"yes": True, "no": False, "": None}

BOARDING_QUESTIONS = {
    "yes": _("Are all parcels of order %(order)s announced?"),
    "no": _("Are more parcels of order %(order)s to come, for which it waits?"),
    "": _("Leave open whether all parcels of order %(order)s are announced?"),
}


class Action(NamedTuple):
    """What a form asks for: `done` is what the page says after it."""

    question: str
    button: str
    carry_out: Callable[[], Awaitable[Outcome]]
    done: Callable[[Done], str]


def _shown_time(visit: Visit, at: Instant) -> str:
    """With its offset: in one hour of the year the clocks show each time twice."""
    there = local_time(at, visit.view.time_zone)
    return f"{visit.local(at)} {get_timezone_gmt(there, locale=visit.language)}"


def _say(visit: Visit, text: str, **named: str) -> str:
    return visit.translated(text) % named


def report_state(visit: Visit, order: Order) -> Action:
    time = given_time(visit, "datetime")
    value = {
        "state": visit.field("state"),
        "datetime": time.text,
        "location": visit.field("location"),
    }
    command = state_report(visit.read(STATE, value, check=time.check))
    at = command.datetime
    question = _say(
        visit,
        _("Report for order %(order)s: %(state)s, %(time)s?"),
        order=cut(order.order_id),
        state=visit.translated(STATES[command.state]),
        time=visit.translated(_("now")) if at is None else _shown_time(visit, at),
    )
    return Action(
        question,
        visit.translated(_("Report the state")),
        lambda: change_order(visit.services, visit.view, str(order.order_number), command),
        lambda done: "state_again" if done.replayed else "state",
    )


def set_boarding_complete(visit: Visit, order: Order) -> Action:
    chosen = visit.field("boarding_complete")
    value = {"boarding_complete": FLAGS.get(chosen, chosen)}
    command = order_change(visit.read(ORDER_CHANGE, value, partial=True))
    return Action(
        _say(visit, BOARDING_QUESTIONS[chosen], order=cut(order.order_id)),
        visit.translated(_("Yes, save it")),
        lambda: change_order(visit.services, visit.view, str(order.order_number), command),
        lambda done: "boarding",
    )


def add_carrier_update(visit: Visit, order: Order) -> Action | None:
    parcel = _parcel(visit, order)
    if parcel is None:
        return None
    time = given_time(visit, "datetime")
    # Now is when it is asked for: sent twice, the answer to the question is one update.
    text = time.text or format_time(visit.services.clock())
    value = {
        "shipment_id": str(parcel.shipment_number),
        "status": visit.field("status"),
        "datetime": text,
        "location": visit.field("location"),
        "description": visit.field("description"),
    }
    given = given_update(visit.read(CARRIER_UPDATE, value, check=time.check))
    if time.text is None:
        visit.form = [*(each for each in visit.form if each[0] != "datetime"), ("datetime", text)]
    said = given.said
    question = _say(
        visit,
        _("Record for parcel %(parcel)s: %(status)s, %(time)s?"),
        parcel=parcel_name(visit, parcel),
        status=visit.translated(STATUSES[said.status] if said.status else _("a note")),
        time=_shown_time(visit, said.datetime),
    )
    return Action(
        question,
        visit.translated(_("Record the update")),
        lambda: record_carrier_update(visit.services, visit.view, given, None),
        lambda done: "update_again" if done.replayed else "update",
    )


def set_counted(visit: Visit, order: Order) -> Action | None:
    parcel = _parcel(visit, order)
    if parcel is None:
        return None
    chosen = visit.field("counted")
    value = {"counted": FLAGS.get(chosen, chosen)}
    changes, personal = shipment_change(visit.read(SHIPMENT_CHANGE, value, partial=True))
    counts = chosen != "no"
    question = (
        _("Count parcel %(parcel)s, so that order %(order)s waits for it?")
        if counts
        else _("No longer count parcel %(parcel)s, so that order %(order)s does not wait for it?")
    )
    number = parcel.shipment_number
    return Action(
        _say(visit, question, order=cut(order.order_id), parcel=parcel_name(visit, parcel)),
        visit.translated(_("Yes, count it") if counts else _("Yes, no longer count it")),
        lambda: update_shipment(visit.services, visit.view, number, changes, personal),
        lambda done: "counted" if counts else "not_counted",
    )


def _parcel(visit: Visit, order: Order) -> Shipment | None:
    number = internal_number(visit.field("shipment_id"))
    return None if number is None else order.shipment(number)


ACTIONS: Mapping[str, Callable[[Visit, Order], Action | None]] = {
    "state": report_state,
    "boarding_complete": set_boarding_complete,
    "carrier_update": add_carrier_update,
    "counted": set_counted,
}
"""By the field `action` of their form; None where the parcel is none of this order."""
