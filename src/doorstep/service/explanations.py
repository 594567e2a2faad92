"""Why an order is where it is, for the API and for people."""

from collections.abc import Callable

from msgspec import Struct

from doorstep.domain.decide import as_of_now
from doorstep.domain.explanation import explanation
from doorstep.domain.explanation_words import (
    Telling,
    explanation_text,
    in_english,
    reason_text,
)
from doorstep.domain.order import Instant, Order
from doorstep.domain.reasons import Reason
from doorstep.service.accounts import AccountView
from doorstep.service.services import Services
from doorstep.store.orders import load_orders, read_order


class Explained(Struct, frozen=True):
    """An order as it is at this moment, each reason with its sentence, and all in one `text`."""

    order: Order
    reasons: tuple[tuple[Reason, str], ...]
    text: str


async def explain_order(services: Services, view: AccountView, name: str) -> Explained | None:
    order = await read_order(services.store.reader, view.account_id, name)
    return None if order is None else explained(view, order, services.clock())


async def explain_order_numbered(
    services: Services, view: AccountView, order_number: int, say: Callable[[str], str]
) -> Explained | None:
    """As `explain_order`, by doorstep's own number alone, and in the language of `say`."""
    found = await load_orders(services.store.reader, view.account_id, [order_number])
    return explained(view, found[0], services.clock(), say) if found else None


def explained(
    view: AccountView, order: Order, now: Instant, say: Callable[[str], str] = in_english
) -> Explained:
    """An order that is read already; times in the text are in the account's time zone."""
    order = as_of_now(order, now, view.untrackable_days)
    reasons = explanation(order, now, view.untrackable_days)
    telling = Telling(now, view.time_zone, say)
    sentences = tuple((reason, reason_text(reason, telling)) for reason in reasons)
    return Explained(order, sentences, explanation_text(reasons, telling))
