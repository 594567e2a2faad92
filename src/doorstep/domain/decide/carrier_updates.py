"""Taking in what a carrier says of a parcel."""

from doorstep.domain import events as e
from doorstep.domain.commands import RecordCarrierUpdate
from doorstep.domain.decide.draft import Draft
from doorstep.domain.order import DAY, CarrierUpdate, Instant, Shipment
from doorstep.domain.refusals import Refusal, conflict, invalid, missing
from doorstep.domain.shipment_status import status_of
from doorstep.domain.states import DELIVERED

MOST_AHEAD = DAY
"""Clocks of scanners run fast; what is further ahead than this is a mistake."""

ASSUMED = "Assumed delivered: this parcel is not tracked"


def record(draft: Draft, command: RecordCarrierUpdate) -> Refusal | None:
    parcel = draft.order.shipment(command.shipment_number)
    if parcel is None:
        return missing("shipment", command.shipment_number)
    if command.datetime > draft.now + MOST_AHEAD:
        return invalid(("datetime", "is more than 24 hours ahead of the clock."))
    if command.retracts is not None and not _has(parcel, command.retracts):
        return invalid(("retracts", "names no update of this shipment."))
    update = CarrierUpdate(
        command.update_number,
        command.status,
        command.datetime,
        command.utc_offset,
        command.location,
        command.description,
        command.retracts,
        draft.now,
    )
    known = next((line for line in parcel.updates if line.same_as(update)), None)
    if known is not None:
        draft.replay(known.update_number)
        return None
    if sum(len(one.updates) for one in draft.order.shipments) >= command.most_updates:
        return conflict(
            "too_many_updates",
            f"The parcels of order {draft.order.order_id} have {command.most_updates} updates, the "
            "most that they can have.",
        )
    draft.subject = update.update_number
    _record(draft, parcel, update)
    return None


def assume_delivered(draft: Draft, parcel: Shipment, moment: Instant) -> None:
    """Counts an untracked parcel as delivered, once: a retracted assumption is not repeated.

    Its update bears the parcel's own number: there is at most one, and numbers never meet.
    """
    if not _has(parcel, parcel.shipment_number):
        number = parcel.shipment_number
        assumed = CarrierUpdate(number, DELIVERED, moment, None, None, ASSUMED, None, draft.now)
        _record(draft, parcel, assumed)


def _has(parcel: Shipment, update_number: int) -> bool:
    return any(update.update_number == update_number for update in parcel.updates)


def _record(draft: Draft, parcel: Shipment, update: CarrierUpdate) -> None:
    number = parcel.shipment_number
    draft.record(e.CarrierUpdateRecorded(number, update))
    status, delivered_at = status_of((*parcel.updates, update))
    if status != parcel.status:
        draft.record(e.ShipmentStatusChanged(number, status, delivered_at))
    if delivered_at is not None and delivered_at != parcel.delivered_at:
        draft.record(e.ShipmentDelivered(number, delivered_at))
