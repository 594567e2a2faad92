"""Why an order is where it is, for the API and for people."""

from msgspec import Struct

from doorstep.domain.decide import as_of_now
from doorstep.domain.explanation import Reason, explanation
from doorstep.domain.explanation_words import Telling, explanation_text, reason_text
from doorstep.domain.order import Order
from doorstep.service.accounts import AccountView
from doorstep.service.services import Services
from doorstep.store.orders import read_order


class Explained(Struct, frozen=True):
    """An order as it is at this moment, each reason with its sentence, and all in one `text`."""

    order: Order
    reasons: tuple[tuple[Reason, str], ...]
    text: str


async def explain_order(services: Services, view: AccountView, name: str) -> Explained | None:
    """Times in the text are in the account's time zone."""
    order = await read_order(services.store.reader, view.account_id, name)
    if order is None:
        return None
    telling = Telling(services.clock(), view.time_zone)
    order = as_of_now(order, telling.now, view.untrackable_days)
    reasons = explanation(order, telling.now)
    sentences = tuple((reason, reason_text(reason, telling)) for reason in reasons)
    return Explained(order, sentences, explanation_text(reasons, telling))
