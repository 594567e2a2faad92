"""An order, a command and a moment make events, or a refusal.

Every command first brings its order up to `now`, and afterwards lets the order's state follow
its parcels and items; between them stands one function for each command.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from doorstep.domain import commands as c
from doorstep.domain.decide import carrier_updates, items, order_states, orders, shipments
from doorstep.domain.decide.draft import Draft
from doorstep.domain.decide.follow import bring_up, follow
from doorstep.domain.events import Event
from doorstep.domain.order import Fields, Instant, Order
from doorstep.domain.refusals import Refusal


class Decision(Struct, frozen=True):
    """What happens: `order` is the one after `events`.

    `recipients` holds the personal data that the events name by version. `subject` is what the
    command was about (an item's, shipment's or update's number, a history entry), `replayed`
    says that it was there already.
    """

    order: Order | None
    events: tuple[Event, ...]
    recipients: dict[int, Fields]
    subject: Any = None
    replayed: bool = False


_HANDLERS: dict[type[c.Command], Callable[[Draft, Any], Refusal | None]] = {
    c.CreateOrder: orders.create,
    c.UpdateOrder: orders.update,
    c.DeleteOrder: orders.delete,
    c.AddItem: items.add,
    c.ChangeItem: items.change,
    c.RemoveItem: items.remove,
    c.ReportState: order_states.report,
    c.AddShipment: shipments.add,
    c.UpdateShipment: shipments.update,
    c.RemoveShipment: shipments.remove,
    c.RecordCarrierUpdate: carrier_updates.record,
    c.BringUpToDate: lambda draft, command: None,
}


def decide(
    order: Order | None, command: c.Command, now: Instant, untrackable_days: int | None = None
) -> Decision | Refusal:
    """Decide one command. `order` is None only for `CreateOrder` of an order that is not there.

    `untrackable_days` is the account's: how long after its planned pickup a parcel without
    tracking counts as delivered, None for never.
    """
    draft = Draft(order, now)
    bring_up(draft, untrackable_days)
    refusal = _HANDLERS[type(command)](draft, command)
    if refusal is not None:
        return refusal
    follow(draft, untrackable_days)
    return Decision(
        draft.finish(),
        tuple(draft.events),
        draft.recipients,
        draft.subject,
        draft.replayed,
    )


def as_of_now(order: Order, now: Instant, untrackable_days: int | None) -> Order:
    """The order as a command at `now` would find it: what every read shows."""
    draft = Draft(order, now)
    bring_up(draft, untrackable_days)
    return draft.order
