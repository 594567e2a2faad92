"""What one cursor over the log still owes its endpoint: a lane for each order, in its order.

Everything up to `position` is settled (delivered, not wanted, given up) or kept, that is written
down as a webhook delivery that waits. What lies behind it is read from the log again after a
crash. Plain data: no clock, no database, no network.
"""

import heapq
from collections import deque

from msgspec import Struct

from doorstep.domain.order import Instant

MOST_AHEAD = 1_000
"""Events read ahead that are neither settled nor kept; as many, at most, are sent twice."""

MOST_KEPT = 1_000
"""Waiting webhook deliveries of one cursor: beyond it nothing is read ahead, the log waits.

What was read ahead before may come to it: there are no more than MOST_AHEAD + MOST_KEPT.
"""


class Owed(Struct, eq=False):
    """An event that is to be delivered; `tries` have failed, the next one is due at `due_at`.

    `counts_from`: it was woken, and until then another try is one more than the schedule has.
    """

    sequence: int
    order_number: int
    due_at: Instant
    tries: int = 0
    is_kept: bool = False
    counts_from: Instant | None = None


class Lanes:
    """The first of each lane is sent or waits; the next goes on once that is settled."""

    def __init__(self, position: int) -> None:
        self.read = position
        self._lanes: dict[int, deque[Owed]] = {}
        self._heads: list[tuple[Instant, int, int]] = []
        self._ahead: dict[int, Owed] = {}
        self._kept: dict[int, Owed] = {}
        self._in_flight: dict[int, Owed] = {}
        self._stuck: dict[int, None] = {}

    @property
    def position(self) -> int:
        return min(self._ahead, default=self.read + 1) - 1

    @property
    def has_room(self) -> bool:
        return len(self._ahead) < MOST_AHEAD and len(self._kept) < MOST_KEPT

    @property
    def is_empty(self) -> bool:
        return not self._lanes

    @property
    def kept(self) -> int:
        """How many webhook deliveries wait."""
        return len(self._kept)

    @property
    def next_due_at(self) -> Instant | None:
        """When the next one may be sent, which may have passed."""
        return self._heads[0][0] if self._heads else None

    def add(self, sequence: int, order_number: int, now: Instant) -> None:
        """A wanted event of the log, behind all that were added before."""
        owed = Owed(sequence, order_number, now)
        self._ahead[sequence] = owed
        self._append(owed)

    def add_kept(self, owed: Owed) -> None:
        """A webhook delivery that waits; one that is known already changes nothing."""
        if owed.sequence in self._kept or owed.sequence in self._ahead:
            return
        owed.is_kept = True
        self._kept[owed.sequence] = owed
        if owed.tries:
            self._stuck[owed.order_number] = None
        self._append(owed)

    def _append(self, owed: Owed) -> None:
        lane = self._lanes.get(owed.order_number)
        if lane is not None:
            lane.append(owed)
            return
        self._lanes[owed.order_number] = deque([owed])
        self._push(owed)

    def _push(self, owed: Owed) -> None:
        heapq.heappush(self._heads, (owed.due_at, owed.sequence, owed.order_number))

    def take(self, now: Instant, *, is_probe: bool = False) -> Owed | None:
        """The one that is due for longest; its lane stands still until it is settled or failed.

        A probe is the one that has failed least often: what is refused for itself tells nothing.
        """
        if not self._heads or self._heads[0][0] > now:
            return None
        place = self._least_tried(now) if is_probe else heapq.heappop(self._heads)
        owed = self._lanes[place[2]][0]
        self._in_flight[owed.order_number] = owed
        return owed

    def _least_tried(self, now: Instant) -> tuple[Instant, int, int]:
        due = (place for place in self._heads if place[0] <= now)
        least = min(due, key=lambda place: (self._lanes[place[2]][0].tries, place))
        self._heads.remove(least)
        heapq.heapify(self._heads)
        return least

    def settle(self, owed: Owed) -> None:
        """It was delivered or given up: the order's next goes on."""
        del self._in_flight[owed.order_number]
        self._stuck.pop(owed.order_number, None)
        self._ahead.pop(owed.sequence, None)
        self._kept.pop(owed.sequence, None)
        lane = self._lanes[owed.order_number]
        lane.popleft()
        if lane:
            self._push(lane[0])
        else:
            del self._lanes[owed.order_number]

    def fail(self, owed: Owed, next_at: Instant) -> None:
        """It is tried again then; until then it is kept, and holds up only its order."""
        del self._in_flight[owed.order_number]
        self._stuck[owed.order_number] = None
        if owed.counts_from is None or next_at > owed.counts_from:
            owed.tries += 1
            owed.counts_from = None
        owed.due_at = next_at
        self._keep(owed)
        self._push(owed)

    def put_back(self, owed: Owed) -> None:
        """It was taken, but not tried."""
        del self._in_flight[owed.order_number]
        self._push(owed)

    def wake(self, now: Instant) -> None:
        """Nothing waits any longer than until now, but for what was woken for this try before."""
        for _, _, order_number in self._heads:
            head = self._lanes[order_number][0]
            if head.due_at > now and head.counts_from is None:
                head.counts_from, head.due_at = head.due_at, now
        self._heads = [(self._lanes[n][0].due_at, s, n) for _, s, n in self._heads]
        heapq.heapify(self._heads)

    def keep_held_up(self) -> list[Owed]:
        """What would hold the position back, to be written down now; it no longer does."""
        far_behind = self.read - MOST_AHEAD
        slow = [n for n, owed in self._in_flight.items() if owed.sequence <= far_behind]
        found = []
        for order_number in (*self._stuck, *slow):
            for owed in self._lanes[order_number]:
                if not owed.is_kept:
                    self._keep(owed)
                    found.append(owed)
        return found

    def _keep(self, owed: Owed) -> None:
        owed.is_kept = True
        self._ahead.pop(owed.sequence, None)
        self._kept[owed.sequence] = owed
