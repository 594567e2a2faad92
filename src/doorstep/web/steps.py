"""How far an order has come, as a customer understands it: one line of steps, one situation."""

from msgspec import Struct

from doorstep.domain.order import Instant, Order
from doorstep.domain.states import DELIVERED, FINAL, PROGRESS, SHIPPED

WORST_FIRST = (
    "lost",
    "returned_to_sender",
    "delivery_failed",
    "ready_for_collection",
    "out_for_delivery",
)
"""Of what parcels on their way can say, what a customer needs to know before all else."""

AT_THE_DOOR = ("out_for_delivery", "delivery_failed", "ready_for_collection", DELIVERED)


class Step(Struct, frozen=True):
    """`reached_at` None: not reached yet, or nobody knows when; `is_reached` tells them apart."""

    name: str
    is_reached: bool
    is_current: bool
    reached_at: Instant | None


def situation(order: Order) -> str:
    """What holds now: the order's state, or what is most urgent of its counted parcels."""
    if order.state != SHIPPED:
        return order.state
    statuses = [parcel.status for parcel in order.counted_shipments]
    for status in WORST_FIRST:
        if status in statuses:
            return status
    if DELIVERED not in statuses:
        return SHIPPED
    return "all_parcels_delivered" if set(statuses) == {DELIVERED} else "partly_delivered"


def steps_of(order: Order) -> list[Step]:
    """From ordered to delivered; an order that ended otherwise ends its line with that."""
    at = _reached(order)
    names = ["ordered", "preparing", "shipped", "out_for_delivery", "delivered"]
    if order.state in FINAL:
        names = [*(name for name in names if name in at), order.state]
        at[order.state] = _entry(order, order.state)
    furthest = max(position for position, name in enumerate(names) if name in at)
    return [
        Step(name, position <= furthest, position == furthest, at.get(name))
        for position, name in enumerate(names)
    ]


def _reached(order: Order) -> dict[str, Instant | None]:
    """When the steps were reached that were."""
    at: dict[str, Instant | None] = {"ordered": order.order_date}
    progress = [line.datetime for line in order.history if line.state in PROGRESS]
    if progress:
        at["preparing"] = min(progress)
    shipped = _entry(order, SHIPPED)
    if shipped is not None:
        at["shipped"] = shipped
    brought = [
        update.datetime
        for parcel in order.counted_shipments
        for update in parcel.updates
        if update.status == "out_for_delivery"
    ]
    if any(parcel.status in AT_THE_DOOR for parcel in order.counted_shipments):
        at["out_for_delivery"] = min(brought, default=None)
    if order.completed_at is not None:
        at["delivered"] = order.completed_at
    return at


def _entry(order: Order, state: str) -> Instant | None:
    return next((line.datetime for line in order.history if line.state == state), None)
