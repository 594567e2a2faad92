"""Adding, changing and removing the items of an order."""

from doorstep.domain.commands import AddItem, ChangeItem, RemoveItem
from doorstep.domain.decide import as_of_now
from doorstep.domain.order import Fields, Instant, Order
from doorstep.domain.refusals import missing
from doorstep.service.accounts import AccountView
from doorstep.service.deciding import change_order, decide_in
from doorstep.service.group import Member
from doorstep.service.outcomes import Idempotency, Outcome
from doorstep.service.services import Services
from doorstep.store.orders import read_order_with
from doorstep.store.working_set import Needs, WorkingSet


async def add_item(
    services: Services,
    view: AccountView,
    order: str,
    fields: Fields,
    idempotency: Idempotency | None,
) -> Outcome:
    (number,) = await services.numbers.draw()
    command = AddItem(number, fields, services.limits.max_items_per_order)
    return await change_order(services, view, order, command, idempotency)


async def change_item(
    services: Services, view: AccountView, order: str | None, command: ChangeItem | RemoveItem
) -> Outcome:
    """Changes or removes an item of the order of that name; of whichever order for None."""
    if order is not None:
        return await change_order(services, view, order, command)

    def run(work: WorkingSet, now: Instant) -> Outcome:
        found = work.order_with_item(view.account_id, command.item_number)
        if found is None:
            return missing("order item", command.item_number)
        return decide_in(work, view, found, command, now)

    needs = Needs(view.account_id, item_numbers=(command.item_number,))
    return await services.group.submit(Member(needs, run))


async def find_order_with_item(
    services: Services, view: AccountView, item_number: int
) -> Order | None:
    """The order that holds an item, as it is at this moment."""
    order = await read_order_with(services.store.reader, view.account_id, "item", item_number)
    return order and as_of_now(order, services.clock(), view.untrackable_days)
