"""Which events customers are told of, and for how long that is worth telling."""

from collections.abc import Callable

from msgspec import Struct

from doorstep.domain import events as e
from doorstep.domain.order import DAY, Instant, Order
from doorstep.domain.states import CANCELLED, COMPLETED, OPEN, REFUNDED, SHIPPED

OUT_FOR_DELIVERY = "out_for_delivery"
WHOLE_ORDER = 0
"""Stands for a parcel's number in mails that are about no single parcel."""

TELLING = frozenset(
    kind.type
    for kind in (
        *(e.OrderPaid, e.OrderStateChanged, e.OrderShipped, e.ShipmentStatusChanged),
        *(e.OrderCompleted, e.OrderDelayed),
    )
)
"""The types of events that may be worth a mail."""

NEWS: Instant = 7 * DAY
"""What happened longer ago is told nobody: orders of past years are imported, too."""


class Subject(Struct, frozen=True):
    """What a mail is about; an order has at most one mail of each."""

    kind: str
    shipment_number: int = WHOLE_ORDER


def subject_of(event: e.Event) -> Subject | None:
    """None for an event that no kind of mail tells of, whatever an account has chosen."""
    match event:
        case e.OrderPaid():
            return Subject("paid")
        # Without a moment the order only went back to that state.
        case e.OrderStateChanged(state="in_production" | "in_preparation", datetime=int()):
            return Subject(event.state)
        case e.OrderShipped():
            return Subject("shipped")
        case e.ShipmentStatusChanged(status="out_for_delivery"):
            return Subject(OUT_FOR_DELIVERY, event.shipment_number)
        case e.OrderCompleted():
            return Subject("delivered")
        case e.OrderDelayed():
            return Subject("delayed")
        case _:
            return None


def _comes_today(order: Order, shipment_number: int) -> bool:
    numbers = {p.shipment_number for p in order.counted_shipments if p.status == OUT_FOR_DELIVERY}
    return shipment_number in numbers and order.state not in (CANCELLED, REFUNDED)


_HOLDS: dict[str, Callable[[Order, int], bool]] = {
    "paid": lambda order, _: order.paid_at is not None and order.state not in (CANCELLED, REFUNDED),
    "in_production": lambda order, _: order.state == "in_production",
    "in_preparation": lambda order, _: order.state == "in_preparation",
    "shipped": lambda order, _: order.state == SHIPPED,
    OUT_FOR_DELIVERY: _comes_today,
    "delivered": lambda order, _: order.state == COMPLETED,
    "delayed": lambda order, _: order.delayed_at is not None and order.state in OPEN,
}


def still_holds(subject: Subject, order: Order) -> bool:
    """Whether it is true of the order as it is now, and the newest that there is to tell of it."""
    return _HOLDS[subject.kind](order, subject.shipment_number)
