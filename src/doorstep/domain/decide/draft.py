"""The order while one command is being decided."""

from typing import Any

from msgspec.structs import replace

from doorstep.domain.events import Event
from doorstep.domain.evolve import evolve
from doorstep.domain.order import Fields, Instant, Order


class Draft:
    """Collects events and keeps the order as it is after them."""

    __slots__ = ("events", "now", "order_or_none", "recipients", "replayed", "subject")

    def __init__(self, order: Order | None, now: Instant) -> None:
        self.order_or_none = order
        self.now = now
        self.events: list[Event] = []
        self.recipients: dict[int, Fields] = {}
        self.subject: Any = None
        self.replayed = False

    @property
    def order(self) -> Order:
        """The order, where the command needs there to be one."""
        assert self.order_or_none is not None
        return self.order_or_none

    def record(self, event: Event) -> None:
        self.order_or_none = evolve(self.order_or_none, event, self.now)
        self.events.append(event)

    def replay(self, subject: Any) -> None:
        """What was asked for is there already."""
        self.subject = subject
        self.replayed = True

    def keep_recipient(self, recipient: Fields | None) -> int | None:
        """Keeps personal data under the order's next version; the version, None for nothing."""
        if not recipient:
            return None
        known = self.order_or_none.recipients if self.order_or_none else {}
        version = max([*known, *self.recipients], default=0) + 1
        self.recipients[version] = recipient
        return version

    def finish(self) -> Order | None:
        """The order with the personal data that its events name."""
        order = self.order_or_none
        if order is None or not self.recipients:
            return order
        return replace(order, recipients={**order.recipients, **self.recipients})
