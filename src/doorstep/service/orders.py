"""Creating, reading, changing and deleting orders."""

import hashlib
import secrets

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from doorstep.domain.commands import CreateOrder
from doorstep.domain.decide import as_of_now
from doorstep.domain.order import MILLISECOND, Fields, Instant, Order, internal_number
from doorstep.domain.refusals import Refusal, conflict, invalid
from doorstep.service.accounts import AccountView
from doorstep.service.deciding import decide_in, member, needs_of_order
from doorstep.service.group import Stale
from doorstep.service.outcomes import Idempotency, Outcome
from doorstep.service.services import Services
from doorstep.store.events import replay
from doorstep.store.orders import load_orders, read_order
from doorstep.store.working_set import Needs, WorkingSet

TOKEN_BYTES = 16
"""A tracking page's address cannot be guessed: 128 random bits."""


def tracking_page_url(public_url: str, order: Order) -> str:
    """Where the customer sees the order; `public_url` has no slash at its end."""
    return f"{public_url}/order/{order.tracking_token}"


class NewOrder(Struct, frozen=True):
    """An order as given: `given` by wire name with times as instants, personal data apart."""

    order_id: str
    given: Fields
    recipient: Fields | None


async def create_command(services: Services, new: NewOrder) -> CreateOrder:
    items = new.given.get("order_items", ())
    first, *item_numbers = await services.numbers.draw(1 + len(items))
    return CreateOrder(
        order_id=new.order_id,
        given=new.given,
        recipient=new.recipient,
        order_number=first,
        item_numbers=tuple(item_numbers),
        tracking_token=secrets.token_urlsafe(TOKEN_BYTES),
        request_hash=_request_hash(new),
    )


def _request_hash(new: NewOrder) -> str:
    """Tells the creating request again, when the order has changed since; nothing personal."""
    said = (new.given, bool(new.recipient))
    return hashlib.blake2b(msgspec.json.encode(said, order="sorted"), digest_size=16).hexdigest()


def needs_of_creation(account_id: int, command: CreateOrder) -> Needs:
    """The order, if it is there, and whoever bears its names on the other side."""
    return replace(
        needs_of_order(account_id, command.order_id),
        order_ids=(command.order_id, str(command.order_number)),
    )


def numbers_meet(work: WorkingSet, account_id: int, command: CreateOrder) -> Refusal | None:
    """Keeps the shop's references and doorstep's numbers apart.

    Raises Stale where the drawn number is some order's reference: another one is drawn then.
    """
    if work.order_numbered(account_id, command.order_id) is not None:
        return conflict(
            "order_id_is_internal_number",
            f"{command.order_id} is doorstep's own number of another order.",
            ("order_id", "is doorstep's own number of another order."),
        )
    if work.order_called(account_id, str(command.order_number)) is not None:
        raise Stale
    return None


async def create_order(
    services: Services, view: AccountView, new: NewOrder, idempotency: Idempotency | None
) -> Outcome:
    account_id = view.account_id
    command = await create_command(services, new)

    def run(work: WorkingSet, now: Instant) -> Outcome:
        order = work.order_called(account_id, command.order_id)
        if order is None:
            refusal = numbers_meet(work, account_id, command)
            if refusal is not None:
                return refusal
        return decide_in(work, view, order, command, now)

    needs = needs_of_creation(account_id, command)
    try:
        return await services.group.submit(member(needs, run, idempotency))
    except Stale:
        return await create_order(services, view, new, idempotency)


async def find_order(services: Services, view: AccountView, name: str) -> Order | None:
    """The order as it is at this moment, whoever has noticed that its promise has passed."""
    order = await read_order(services.store.reader, view.account_id, name)
    if order is None:
        return None
    return as_of_now(order, services.clock(), view.untrackable_days)


async def find_order_as_of(
    services: Services, view: AccountView, name: str, until: Instant
) -> Order | Refusal | None:
    """The order as it was known at a moment, erased personal data left out.

    What was recorded within the same millisecond is known: times go out cut to it.
    """
    if until > services.clock():
        return invalid(("as_of", "lies in the future."))
    known_until = until - until % MILLISECOND + MILLISECOND - 1
    reader, account_id = services.store.reader, view.account_id
    living = await read_order(reader, account_id, name)
    gone = await reader.rows("deleted_order_numbers", account_id=account_id, order_id=name)
    numbers = {internal_number(name), *(row[0] for row in gone)}
    if living is not None:
        numbers.add(living.order_number)
    for number in sorted(number for number in numbers if number is not None):
        order = await replay(reader, account_id, number, known_until)
        if order is None:
            continue
        known = await load_orders(reader, account_id, [number])
        recipients = known[0].recipients if known else {}
        return as_of_now(replace(order, recipients=recipients), until, view.untrackable_days)
    return None
