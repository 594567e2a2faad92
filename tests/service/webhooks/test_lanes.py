"""What a cursor owes its endpoint: nothing lost by a crash, each order in its order, bounded."""

from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.service.webhooks import lanes as module
from doorstep.service.webhooks.lanes import Lanes, Owed

ORDERS = 2
STEPS = ("read", "send", "send", "deliver", "deliver", "fail", "give_up", "write", "crash", "wait")


class Worker:
    """Goes over a log of some orders; `position` and `rows` are what survives a crash."""

    def __init__(self, log: list[int]) -> None:
        self.log = log
        self.position = 0
        self.rows: dict[int, Owed] = {}
        self.received: list[int] = []
        self.given_up: set[int] = set()
        self.now = 0
        self.start()

    def start(self) -> None:
        self.in_flight: list[Owed] = []
        self.changes: dict[int, Owed | None] = {}
        self.lanes = Lanes(self.position)
        for _, row in sorted(self.rows.items()):
            self.lanes.add_kept(Owed(row.sequence, row.order_number, row.due_at, row.tries))

    crash = start

    def read(self) -> None:
        if self.lanes.has_room and self.lanes.read < len(self.log):
            self.lanes.read += 1
            self.lanes.add(self.lanes.read, self.log[self.lanes.read - 1], self.now)

    def send(self) -> None:
        owed = self.lanes.take(self.now)
        if owed is not None:
            assert owed.order_number not in {other.order_number for other in self.in_flight}
            self.in_flight.append(owed)

    def deliver(self) -> None:
        if self.in_flight:
            owed = self.in_flight.pop(0)
            self.received.append(owed.sequence)
            self.settle(owed)

    def give_up(self) -> None:
        if self.in_flight:
            owed = self.in_flight.pop(0)
            self.given_up.add(owed.sequence)
            self.settle(owed)

    def settle(self, owed: Owed) -> None:
        self.lanes.settle(owed)
        if owed.is_kept:
            self.changes[owed.sequence] = None

    def fail(self) -> None:
        if self.in_flight:
            owed = self.in_flight.pop(0)
            self.lanes.fail(owed, self.now + 3)
            self.changes[owed.sequence] = owed

    def wait(self) -> None:
        self.now += 1

    def write(self) -> None:
        for owed in self.lanes.keep_held_up():
            self.changes[owed.sequence] = owed
        self.position = self.lanes.position
        for sequence, owed in self.changes.items():
            if owed is None:
                self.rows.pop(sequence, None)
            else:
                self.rows[sequence] = Owed(sequence, owed.order_number, owed.due_at, owed.tries)
        self.changes = {}

    def finish(self) -> None:
        """From here on every attempt succeeds."""
        for _ in range(10 * len(self.log) + 10):
            self.read()
            self.wait()
            self.send()
            self.deliver()
        self.write()


@settings(max_examples=300)
@given(
    st.lists(st.integers(1, ORDERS), min_size=4, max_size=12),
    st.lists(st.sampled_from(STEPS), min_size=40, max_size=120),
)
def test_nothing_is_lost_and_no_order_is_overtaken(log: list[int], steps: list[str]) -> None:
    worker = Worker(log)
    for step in steps:
        getattr(worker, step)()
    worker.finish()
    assert set(worker.received) | worker.given_up == set(range(1, len(log) + 1))
    firsts = list(dict.fromkeys(worker.received))
    for order in range(1, ORDERS + 1):
        of_order = [s for s in firsts if log[s - 1] == order and s not in worker.given_up]
        assert of_order == sorted(of_order)
    assert (worker.position, worker.rows) == (len(log), {})
    assert worker.lanes.is_empty


def filled(orders: int, failing: Callable[[int], bool]) -> Lanes:
    """After a long run over a log of so many orders, of which some always fail."""
    chance, lanes = Random(1), Lanes(0)
    for sequence in range(1, 20_001):
        if not lanes.has_room:
            break
        lanes.read = sequence
        lanes.add(sequence, chance.randrange(orders), 0)
        while owed := lanes.take(0):
            if failing(owed.order_number):
                lanes.fail(owed, 1)
            else:
                lanes.settle(owed)
        lanes.keep_held_up()
    return lanes


def test_what_one_order_holds_up_is_bounded() -> None:
    lanes = filled(orders=10, failing=lambda order: order == 0)
    assert lanes.kept == module.MOST_KEPT
    assert lanes.position == lanes.read


def test_an_endpoint_that_takes_nothing_stops_the_reading() -> None:
    lanes = filled(orders=10_000, failing=lambda order: True)
    assert lanes.kept <= module.MOST_KEPT + module.MOST_AHEAD
    assert not lanes.has_room


def test_what_waits_is_due_at_once_when_it_is_woken() -> None:
    lanes = filled(orders=10_000, failing=lambda order: True)
    assert lanes.take(0) is None
    lanes.wake(0)
    taken = list(iter(lambda: lanes.take(0), None))
    assert len(taken) > module.MOST_KEPT / 2
    assert [owed.tries for owed in taken] == [1] * len(taken)
    assert [owed.sequence for owed in taken] == sorted(owed.sequence for owed in taken)


def test_one_slow_answer_does_not_hold_the_position_back() -> None:
    lanes = Lanes(0)
    lanes.add(1, 1, 0)
    slow = lanes.take(0)
    for sequence in range(2, module.MOST_AHEAD + 2):
        lanes.add(sequence, sequence, 0)
        lanes.read = sequence
        taken = lanes.take(0)
        assert taken is not None
        lanes.settle(taken)
    assert lanes.position == 0
    assert lanes.keep_held_up() == [slow]
    assert lanes.position == lanes.read
