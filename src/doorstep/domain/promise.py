"""The promised delivery date, and whether an order has missed it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from doorstep.domain.order import SECOND, Instant, Order
from doorstep.domain.states import COMPLETED, FINAL, OPEN

LAST_SECOND = time(23, 59, 59)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def end_of_day(day: date, time_zone: ZoneInfo) -> Instant:
    """23:59:59 of the day where the shop is; of two such moments (clocks go back) the later."""
    local = datetime.combine(day, LAST_SECOND, time_zone).replace(fold=1)
    return int((local.astimezone(UTC) - EPOCH).total_seconds()) * SECOND


def delayed_at(order: Order, now: Instant) -> Instant | None:
    """The promised moment if it was missed, else None. In time is: at that very moment.

    Open orders are held against the clock, completed ones against the last counted delivery;
    a cancelled, returned or refunded order keeps the mark with which it got there.
    """
    if order.state in FINAL:
        return order.delayed_at
    promise = order.promised_delivery_date
    if promise is None:
        return None
    reference = order.completed_at if order.state == COMPLETED else now
    return promise if reference is not None and reference > promise else None


def late_after(
    state: str, promised_delivery_date: Instant | None, delayed_at: Instant | None
) -> Instant | None:
    """The last instant at which an order is in time, while the clock alone can make it late."""
    return promised_delivery_date if state in OPEN and delayed_at is None else None
