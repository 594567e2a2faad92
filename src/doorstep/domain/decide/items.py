"""Adding, changing and removing the items of an order."""

from doorstep.domain import events as e
from doorstep.domain.commands import AddItem, ChangeItem, RemoveItem
from doorstep.domain.decide.draft import Draft
from doorstep.domain.order import Fields, Item
from doorstep.domain.refusals import Refusal, conflict, invalid, missing
from doorstep.domain.states import CANCELLED, NEW, REFUNDED

NAMED_BY = ("sku", "name", "description")
"""One of these an item must have."""


def nameless(fields: Fields) -> bool:
    return not any(fields.get(name) for name in NAMED_BY)


def add(draft: Draft, command: AddItem) -> Refusal | None:
    order = draft.order
    external_id = command.fields.get("external_id")
    if external_id is not None:
        for item in order.items:
            if item.fields.get("external_id") == external_id:
                draft.replay(item.item_number)
                return None
    if order.state in (CANCELLED, REFUNDED):
        return conflict(
            f"order_{order.state}", f"Order {order.order_id} is {order.state}: it takes no items."
        )
    if len(order.items) >= command.most_items:
        return conflict(
            "too_many_items",
            f"Order {order.order_id} has {len(order.items)} items, the most that it can have.",
        )
    draft.record(e.ItemAdded(Item(command.item_number, NEW, command.fields)))
    draft.subject = command.item_number
    return None


def change(draft: Draft, command: ChangeItem) -> Refusal | None:
    order = draft.order
    item = order.item(command.item_number)
    if item is None:
        return missing("order item", command.item_number)
    status = command.status or item.status
    if order.state == REFUNDED and item.status == REFUNDED != status:
        return conflict(
            "order_refunded",
            f"Order {order.order_id} is refunded: its items stay refunded.",
            ("status", "of a refunded order's item stays refunded."),
        )
    changes = {
        name: value for name, value in command.changes.items() if item.fields.get(name) != value
    }
    if nameless({**item.fields, **changes}):
        return invalid(*((name, "One of sku, name, description is required.") for name in NAMED_BY))
    if changes or status != item.status:
        draft.record(e.ItemChanged(item.item_number, status, changes))
    draft.subject = item.item_number
    return None


def remove(draft: Draft, command: RemoveItem) -> Refusal | None:
    if draft.order.item(command.item_number) is None:
        return missing("order item", command.item_number)
    draft.record(e.ItemRemoved(command.item_number))
    return None
