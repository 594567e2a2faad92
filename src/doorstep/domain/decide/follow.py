"""What follows by itself: from the clock, from the parcels, from the items."""

from doorstep.domain import events as e
from doorstep.domain.decide.carrier_updates import assume_delivered
from doorstep.domain.decide.draft import Draft
from doorstep.domain.order import DAY, Instant, Order, Shipment
from doorstep.domain.promise import delayed_at
from doorstep.domain.states import (
    BEFORE_SHIPPING,
    COMPLETED,
    FINAL,
    FINAL_PHASE,
    REFUNDED,
    SHIPMENT_STATUSES,
    SHIPPED,
)


def bring_up(draft: Draft, untrackable_days: int | None) -> None:
    """Records what the passing of time has done until `draft.now`, in the order of the clock."""
    if draft.order_or_none is None:
        return
    _assume_deliveries(draft, untrackable_days)
    _mark_delay(draft, draft.now)


def follow(draft: Draft, untrackable_days: int | None) -> None:
    """Lets the state follow the counted parcels and the items, and the mark follow the state."""
    if draft.order_or_none is None:
        return
    _assume_deliveries(draft, untrackable_days)
    _follow_items(draft)
    _follow_parcels(draft)
    _mark_delay(draft, draft.now)


def _assume_deliveries(draft: Draft, untrackable_days: int | None) -> None:
    if untrackable_days is None:
        return
    for due_at, parcel in assumed_deliveries(draft.order, untrackable_days):
        if due_at > draft.now:
            break
        # A promise that passed before comes first in the log; a mark from later is not lifted.
        if draft.order.delayed_at is None:
            _mark_delay(draft, due_at)
        assume_delivered(draft, parcel, due_at)
        _follow_parcels(draft)


def assumed_deliveries(order: Order, untrackable_days: int) -> list[tuple[Instant, Shipment]]:
    """Parcels that nobody scans, with the moment from which they count as delivered."""
    return sorted(
        (
            (parcel.planned_pickup_datetime + untrackable_days * DAY, parcel)
            for parcel in order.shipments
            if not parcel.trackable
            and parcel.planned_pickup_datetime is not None
            and SHIPMENT_STATUSES[parcel.status].phase < FINAL_PHASE
        ),
        key=lambda due: (due[0], due[1].shipment_number),
    )


def _mark_delay(draft: Draft, clock: Instant) -> None:
    order = draft.order
    late_since = delayed_at(order, clock)
    if late_since == order.delayed_at:
        return
    draft.record(e.OrderDelayLifted() if late_since is None else e.OrderDelayed(late_since))


def _follow_items(draft: Draft) -> None:
    order = draft.order
    if order.state == REFUNDED or not order.items:
        return
    if all(item.status == REFUNDED for item in order.items):
        draft.record(e.OrderRefunded(draft.now))


def _follow_parcels(draft: Draft) -> None:
    order = draft.order
    if order.state in FINAL:
        return
    counted = order.counted_shipments
    if not counted:
        if order.state not in BEFORE_SHIPPING:
            draft.record(_back_before_shipping(order))
        return
    if order.state in BEFORE_SHIPPING:
        draft.record(e.OrderShipped(draft.now))
    last_delivery = _last_delivery(counted) if order.boarding_complete is not False else None
    if last_delivery is None:
        if order.state == COMPLETED:
            draft.record(e.OrderStateChanged(SHIPPED, None, withdrawn=(COMPLETED,)))
    elif order.state != COMPLETED:
        draft.record(e.OrderCompleted(last_delivery))
    elif last_delivery != order.completed_at:
        draft.record(e.OrderCompletionCorrected(last_delivery))


def _last_delivery(counted: tuple[Shipment, ...]) -> Instant | None:
    """The moment at which the last of them was delivered, None while one is on its way."""
    moments = [parcel.delivered_at for parcel in counted if parcel.delivered_at is not None]
    return max(moments) if len(moments) == len(counted) else None


def _back_before_shipping(order: Order) -> e.OrderStateChanged:
    state = [line.state for line in order.history if line.state in BEFORE_SHIPPING][-1]
    return e.OrderStateChanged(state, None, withdrawn=(SHIPPED, COMPLETED))
