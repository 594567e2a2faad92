"""Kept answers of requests that are not one member of a group, such as arrays of updates."""

from doorstep.domain.order import Instant
from doorstep.service.accounts import AccountView
from doorstep.service.group import Member, replayed
from doorstep.service.outcomes import Done, Idempotency, Outcome
from doorstep.service.services import Services
from doorstep.store.working_set import Answer, Needs, RememberedAnswer, WorkingSet


async def find(services: Services, view: AccountView, idempotency: Idempotency) -> Outcome | None:
    """The answer kept for the key, or why it cannot be used; None when the key is new."""

    def run(work: WorkingSet, now: Instant) -> Outcome:
        known = work.answers.get((view.account_id, idempotency.key))
        return Done(None) if known is None else replayed(known, idempotency.request_hash)

    needs = Needs(view.account_id, idempotency_key=idempotency.key)
    outcome = await services.group.submit(Member(needs, run))
    return None if isinstance(outcome, Done) else outcome


async def keep(
    services: Services, view: AccountView, idempotency: Idempotency, answer: Answer
) -> None:
    """Keeps the answer, unless another request was first to keep one."""

    def run(work: WorkingSet, now: Instant) -> Outcome:
        if (view.account_id, idempotency.key) not in work.answers:
            remembered = RememberedAnswer(idempotency.request_hash, answer)
            work.remember(view.account_id, idempotency.key, remembered, now)
        return Done(None)

    needs = Needs(view.account_id, idempotency_key=idempotency.key)
    await services.group.submit(Member(needs, run))
