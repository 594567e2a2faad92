"""Orders that are found due again and again and never brought up: rows that do not fit."""

import logging
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from doorstep.domain.order import SECOND, Instant
from doorstep.service.group import StoreUnavailable

log = logging.getLogger(__name__)

LONGEST_PAUSE = 3_600 * SECOND
TRIES_BEFORE_A_WORD = 2
"""The first may only mean that another process was quicker."""


class Recorded(NamedTuple):
    """`kind` is one of those of the watch's figures."""

    kind: str
    due_at: Instant


Brought: TypeAlias = "list[Recorded] | BaseException"
"""What bringing an order up recorded: nothing where another was first. Or why it failed."""


class Aside(Struct):
    tries: int
    next_at: Instant


class PutAside:
    """Each is tried again after a pause, twice as long every time, up to an hour.

    In memory: after a restart each is tried once more, which harms nobody.
    """

    def __init__(self) -> None:
        self._orders: dict[tuple[int, int], Aside] = {}

    def __len__(self) -> int:
        """How many, without those of which nothing is known but a first try."""
        return sum(aside.tries >= TRIES_BEFORE_A_WORD for aside in self._orders.values())

    def __bool__(self) -> bool:
        return bool(self._orders)

    def to_try(self, account_id: int, order_numbers: Iterable[int], now: Instant) -> list[int]:
        """Those of the numbers that are not to wait, each once."""
        return [
            number
            for number in dict.fromkeys(order_numbers)
            if (aside := self._orders.get((account_id, number))) is None or aside.next_at <= now
        ]

    def note(self, account_id: int, brought: Mapping[int, Brought], now: Instant) -> None:
        """Takes in what became of orders. Raises StoreUnavailable where that was the reason."""
        unavailable: StoreUnavailable | None = None
        for number, found in brought.items():
            if isinstance(found, StoreUnavailable):
                unavailable = found
            elif isinstance(found, BaseException):
                self._put(account_id, number, now, f"{type(found).__name__}: {found}")
            elif found:
                self._orders.pop((account_id, number), None)
            else:
                self._put(account_id, number, now, "bringing it up changes nothing")
        if unavailable is not None:
            raise unavailable

    def _put(self, account_id: int, number: int, now: Instant, why: str) -> None:
        aside = self._orders.setdefault((account_id, number), Aside(0, now))
        aside.next_at = now + min(SECOND << min(aside.tries, 12), LONGEST_PAUSE)
        aside.tries += 1
        if aside.tries == TRIES_BEFORE_A_WORD:
            log.error(
                "an order cannot be brought up to date and is put aside",
                extra={"account_id": account_id, "order_number": number, "why": why},
            )

    def forget(self, before: Instant) -> None:
        """Drops those that were to be tried again before then, and were not found due any more."""
        self._orders = {
            key: aside for key, aside in self._orders.items() if aside.next_at >= before
        }
