"""Creating, changing and deleting an order."""

from typing import Any

from msgspec import UNSET

from doorstep.domain import events as e
from doorstep.domain.commands import CreateOrder, DeleteOrder, UpdateOrder
from doorstep.domain.decide.draft import Draft
from doorstep.domain.order import Fields, Item, Order, same_moment
from doorstep.domain.refusals import Refusal, conflict, invalid
from doorstep.domain.states import COMPLETED, NEW

MOMENTS = ("order_date", "promised_delivery_date")


def create(draft: Draft, command: CreateOrder) -> Refusal | None:
    if draft.order_or_none is not None:
        return _create_again(draft, draft.order, command)
    given = command.given
    items = given.get("order_items", ())
    draft.record(
        e.OrderCreated(
            order_number=command.order_number,
            order_id=command.order_id,
            order_date=given.get("order_date", draft.now),
            order_url=given.get("order_url"),
            language=given.get("language"),
            boarding_complete=given.get("boarding_complete"),
            order_tags=given.get("order_tags", {}),
            promised_delivery_date=given.get("promised_delivery_date"),
            recipient_version=draft.keep_recipient(command.recipient),
            tracking_token=command.tracking_token,
            request_hash=command.request_hash,
            items=tuple(
                Item(number, NEW, fields)
                for number, fields in zip(command.item_numbers, items, strict=True)
            ),
        )
    )
    return None


def _create_again(draft: Draft, order: Order, command: CreateOrder) -> Refusal | None:
    """The same request again, or one that asks for what is there, is answered as the first."""
    differing = _differences(order, command)
    if differing and not _is_creating_request(order, command):
        return conflict(
            "order_exists",
            f"Order {order.order_id} exists and differs in: {', '.join(differing)}. "
            f"To change it, use PUT /v2/orders/{order.order_number}.",
            *((name, "differs from the order that is stored.") for name in differing),
        )
    draft.replay(order.order_number)
    return None


def _is_creating_request(order: Order, command: CreateOrder) -> bool:
    """Personal data is not part of the hash, which outlives it: it is compared with version 1."""
    return order.request_hash == command.request_hash and (
        not command.recipient or command.recipient == order.recipient(1)
    )


def _differences(order: Order, command: CreateOrder) -> list[str]:
    stored: dict[str, Any] = {
        "order_date": order.order_date,
        "order_url": order.order_url,
        "language": order.language,
        "boarding_complete": order.boarding_complete,
        "order_tags": order.order_tags,
        "promised_delivery_date": order.promised_delivery_date,
        "order_items": [item.fields for item in order.items],
    }
    differing = [
        name for name, value in command.given.items() if not _same(name, value, stored[name])
    ]
    if command.recipient and command.recipient != order.recipient(order.recipient_version):
        differing.append("recipient")
    return differing


def _same(name: str, given: Any, stored: Any) -> bool:
    return same_moment(given, stored) if name in MOMENTS else bool(given == stored)


def update(draft: Draft, command: UpdateOrder) -> Refusal | None:
    order = draft.order
    given = dict(command.changes)
    if given.pop("order_id", order.order_id) != order.order_id:
        return invalid(("order_id", "is the order's name and cannot be changed."))
    if given.get("boarding_complete") is False and order.state == COMPLETED:
        return conflict(
            "order_completed",
            f"Order {order.order_id} is completed: boarding_complete can no longer be false.",
            ("boarding_complete", "cannot be false on a completed order."),
        )
    changes = {
        name: value
        for name, value in _cleared(order, given).items()
        if not _same(name, value, getattr(order, name))
    }
    if command.recipient is not UNSET:
        known: Fields = order.recipient(order.recipient_version) or {}
        if (command.recipient or {}) != known:
            changes["recipient_version"] = draft.keep_recipient(command.recipient)
    if changes:
        draft.record(e.OrderUpdated(changes))
    return None


def _cleared(order: Order, given: Fields) -> dict[str, Any]:
    """What a cleared field falls back to, where that is not null."""
    blanks = {"order_date": order.created_at, "order_tags": {}}
    return {name: blanks.get(name) if value is None else value for name, value in given.items()}


def delete(draft: Draft, command: DeleteOrder) -> None:
    draft.record(e.OrderDeleted())
