"""Deciding a command on an order inside a group: what most use cases come down to."""

from collections.abc import Callable

from msgspec.structs import replace

from doorstep.domain.commands import Command
from doorstep.domain.decide import decide
from doorstep.domain.order import Instant, Order, internal_number
from doorstep.domain.refusals import Refusal, missing
from doorstep.service.accounts import AccountView
from doorstep.service.group import Member
from doorstep.service.outcomes import Done, Idempotency, Outcome
from doorstep.service.services import Services
from doorstep.store.working_set import Needs, WorkingSet


def needs_of_order(account_id: int, name: str) -> Needs:
    """What finds an order by either of its names."""
    number = internal_number(name)
    return Needs(account_id, (name,), () if number is None else (number,))


def member(
    needs: Needs, run: Callable[[WorkingSet, Instant], Outcome], idempotency: Idempotency | None
) -> Member:
    if idempotency is not None:
        needs = replace(needs, idempotency_key=idempotency.key)
    return Member(needs, run, idempotency)


def decide_in(
    work: WorkingSet, view: AccountView, order: Order | None, command: Command, now: Instant
) -> Done | Refusal:
    """Decides one command on a loaded order and takes the decision over."""
    decision = decide(order, command, now, view.untrackable_days)
    if isinstance(decision, Refusal):
        return decision
    work.apply(view.account_id, order, decision, now)
    return Done(decision.order, decision.subject, decision.replayed)


async def change_order(
    services: Services,
    view: AccountView,
    name: str,
    command: Command,
    idempotency: Idempotency | None = None,
) -> Outcome:
    """Decides a command on the order of that name."""

    def run(work: WorkingSet, now: Instant) -> Outcome:
        order = work.order(view.account_id, name)
        if order is None:
            return missing("order", name)
        return decide_in(work, view, order, command, now)

    needs = needs_of_order(view.account_id, name)
    return await services.group.submit(member(needs, run, idempotency))
