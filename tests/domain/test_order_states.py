"""The table of states: what each report does to an order in each state."""

import pytest
from msgspec.structs import replace

from doorstep.domain.commands import ReportState
from doorstep.domain.decide import Decision
from doorstep.domain.order import StateEntry
from doorstep.domain.refusals import Refusal
from tests.domain.builders import DAY, MINUTE, Life, an_order, an_order_in, at

REPORTS = (
    "new",
    "paid",
    "in_production",
    "warehouse_handover",
    "in_preparation",
    "shipped",
    "completed",
    "cancelled",
    "returned",
    "refunded",
)

# What comes of each report, in the order of REPORTS, without a datetime and without items:
#   +  accepted, the order is then in the reported state      =  replayed, nothing changes
#   $  accepted, paid_at is set, nothing else changes         x  409 state_not_allowed
#   !  400 invalid_field                                      i  409 order_has_items
OUTCOMES = {
    #                        new  paid  prod  hand  prep  ship  comp  canc  retd  refd
    "new":                "   =    +     +     +     +     !     !     +     x     x   ",
    "paid":               "   =    =     +     +     +     !     !     +     x     +   ",
    "in_production":      "   =    x     =     +     +     !     !     +     x     +   ",
    "warehouse_handover": "   =    x     x     =     +     !     !     +     x     +   ",
    "in_preparation":     "   =    x     x     x     =     !     !     +     x     +   ",
    "shipped":            "   =    $     x     x     x     !     !     x     +     +   ",
    "completed":          "   =    $     x     x     x     !     !     x     +     +   ",
    "cancelled":          "   =    x     x     x     x     !     !     =     x     +   ",
    "returned":           "   =    $     x     x     x     !     !     x     =     +   ",
    "refunded":           "   =    x     x     x     x     !     !     x     x     =   ",
}  # fmt: skip

# The same for an order with two items, none of them refunded (all of them in `refunded`).
OUTCOMES_WITH_ITEMS = {
    #                        new  paid  prod  hand  prep  ship  comp  canc  retd  refd
    "new":                "   =    +     +     +     +     !     !     +     x     x   ",
    "paid":               "   =    =     +     +     +     !     !     +     x     i   ",
    "in_production":      "   =    x     =     +     +     !     !     +     x     i   ",
    "warehouse_handover": "   =    x     x     =     +     !     !     +     x     i   ",
    "in_preparation":     "   =    x     x     x     =     !     !     +     x     i   ",
    "shipped":            "   =    $     x     x     x     !     !     x     +     i   ",
    "completed":          "   =    $     x     x     x     !     !     x     +     i   ",
    "cancelled":          "   =    x     x     x     x     !     !     =     x     i   ",
    "returned":           "   =    $     x     x     x     !     !     x     =     i   ",
    "refunded":           "   =    x     x     x     x     !     !     x     x     =   ",
}  # fmt: skip

HISTORIES = {
    "new": ["new"],
    "paid": ["new", "paid"],
    "in_production": ["new", "in_production"],
    "warehouse_handover": ["new", "warehouse_handover"],
    "in_preparation": ["new", "in_preparation"],
    "shipped": ["new", "shipped"],
    "completed": ["new", "shipped", "completed"],
    "cancelled": ["new", "cancelled"],
    "returned": ["new", "shipped", "returned"],
    "refunded": ["new", "shipped", "refunded"],
}

REFUSALS = {
    "x": ("conflict", "state_not_allowed"),
    "i": ("conflict", "order_has_items"),
    "!": ("invalid", "invalid_field"),
}


def cells(table):
    for state, row in table.items():
        outcomes = row.split()
        assert len(outcomes) == len(REPORTS)
        yield from ((state, word, out) for word, out in zip(REPORTS, outcomes, strict=True))


def test_the_tables_are_whole():
    assert len(list(cells(OUTCOMES))) == len(list(cells(OUTCOMES_WITH_ITEMS))) == 100
    assert tuple(OUTCOMES) == tuple(OUTCOMES_WITH_ITEMS) == tuple(HISTORIES) == REPORTS


@pytest.mark.parametrize(("state", "report", "outcome"), list(cells(OUTCOMES)))
def test_each_report_in_each_state(state, report, outcome):
    life = an_order_in(state)
    assert life.states == HISTORIES[state]
    check(life, ReportState(report), outcome, HISTORIES[state])


@pytest.mark.parametrize(("state", "report", "outcome"), list(cells(OUTCOMES_WITH_ITEMS)))
def test_each_report_in_each_state_of_an_order_with_items(state, report, outcome):
    life = an_order_in(state, items=2)
    history = ["new", "refunded"] if state == "refunded" else HISTORIES[state]
    assert life.states == history
    check(life, ReportState(report), outcome, history)


def check(life: Life, command: ReportState, outcome: str, history: list[str]) -> None:
    before, log_before = life.order, list(life.log)
    decided = life.try_(command)
    if outcome in REFUSALS:
        assert isinstance(decided, Refusal)
        assert (decided.kind, decided.code) == REFUSALS[outcome]
        assert [line.property_path for line in decided.violations] == ["state"]
        assert life.order is before
        assert life.log == log_before
        return
    assert isinstance(decided, Decision)
    moment = command.datetime if command.datetime is not None else life.now
    if outcome == "+":
        assert not decided.replayed
        assert life.order.state == command.state
        assert life.states == [*history, command.state]
        assert life.order.history[:-1] == before.history
        last = life.order.history[-1]
        assert (last.datetime, last.location) == (moment, command.location)
        assert (decided.subject.state, decided.subject.datetime) == (command.state, moment)
        assert life.order.paid_at == (moment if command.state == "paid" else before.paid_at)
    elif outcome == "=":
        assert decided.replayed
        assert life.order == before
        assert life.log == log_before
        assert decided.subject in before.history
        assert decided.subject.state == command.state
    else:
        assert outcome == "$"
        assert not decided.replayed
        assert before.paid_at is None
        assert life.order == replace(before, paid_at=moment, updated_at=life.now)
        assert life.events[len(log_before) :] == ["order.paid"]


# With a datetime, a report repeats an entry only when the moment is the same.
@pytest.mark.parametrize("state", REPORTS)
def test_a_repeated_report_with_the_entrys_moment_is_replayed(state):
    for word in HISTORIES[state]:
        life = an_order_in(state)
        outcome = "!" if word in ("shipped", "completed") else "="
        check(life, ReportState(word, life.datetimes[word]), outcome, HISTORIES[state])


@pytest.mark.parametrize("state", REPORTS)
def test_a_repeated_report_with_another_moment_is_a_step_back(state):
    for word in HISTORIES[state]:
        life = an_order_in(state)
        outcome = "!" if word in ("shipped", "completed") else "x"
        check(life, ReportState(word, life.datetimes[word] + 1), outcome, HISTORIES[state])


def test_an_entry_passed_long_ago_is_replayed_too():
    life = an_order()
    paid_at = at(-90)
    life.report("paid", paid_at)
    life.report("in_preparation")
    life.ship()
    check(life, ReportState("in_preparation"), "=", [])
    assert life.report("paid", paid_at).replayed
    assert life.report("paid").subject == StateEntry(2, "paid", paid_at, None)


@pytest.mark.parametrize("word", ["", "Paid", "PAID", "delayed", "delivered", "lost", "new "])
@pytest.mark.parametrize("state", ["new", "shipped", "refunded"])
def test_an_unknown_word_is_always_invalid(state, word):
    life = an_order_in(state)
    check(life, ReportState(word), "!", HISTORIES[state])


class TestPaidAfterwards:
    @pytest.mark.parametrize("state", ["shipped", "completed", "returned"])
    def test_it_is_dated_as_reported_and_repeats_are_replayed(self, state):
        life = an_order_in(state)
        assert not life.report("paid", at(-5)).replayed
        assert life.order.paid_at == at(-5)
        assert life.states == HISTORIES[state]
        noted = life.order
        for moment in (None, at(-5)):
            again = life.report("paid", moment)
            assert again.replayed
            assert (again.subject.state, again.subject.datetime) == ("paid", at(-5))
        assert life.order == noted

    def test_it_outlives_the_withdrawal_of_shipping(self):
        life = an_order()
        number = life.ship()
        life.report("paid", at(1))
        life.remove_shipment(number)
        assert (life.order.state, life.order.paid_at) == ("new", at(1))
        assert life.report("paid", at(9)).replayed is False
        assert (life.order.state, life.order.paid_at) == ("paid", at(9))


class TestDatetime:
    def test_before_the_last_entry_the_order_of_transition_is_kept(self):
        life = an_order()
        life.report("paid", at(50), at=at(60))
        life.report("in_production", at(-5000))
        assert [(line.entry, line.state, line.datetime) for line in life.order.history] == [
            (1, "new", at(0)),
            (2, "paid", at(50)),
            (3, "in_production", at(-5000)),
        ]

    @pytest.mark.parametrize("state", ["paid", "cancelled"])
    def test_up_to_24_hours_ahead_is_accepted_and_no_further(self, state):
        life = an_order()
        now = at(10)
        refusal = life.refused(ReportState(state, now + DAY + 1), now)
        assert (refusal.kind, refusal.code) == ("invalid", "invalid_field")
        assert [line.property_path for line in refusal.violations] == ["datetime"]
        assert life.states == ["new"]
        life.report(state, now + DAY, at=now)
        assert life.datetimes[state] == now + DAY

    def test_paid_afterwards_no_further_ahead_either(self):
        life = an_order_in("shipped")
        refusal = life.refused(ReportState("paid", at(10) + DAY + 1), at(10))
        assert refusal.kind == "invalid"
        assert life.order.paid_at is None


def test_the_location_is_kept():
    life = an_order()
    for word in ("paid", "in_production", "cancelled"):
        decided = life.do(ReportState(word, None, "Berlin"))
        assert decided.subject.location == "Berlin"
        assert life.order.history[-1].location == "Berlin"
    assert life.order.history[0].location is None


def test_a_refusal_names_the_state_and_what_it_allows():
    detail = an_order_in("shipped").refused(ReportState("in_preparation")).detail
    assert detail == (
        "Order ORD-2024-001234 is shipped, which allows paid, returned, refunded; "
        "in_preparation was reported."
    )
    detail = an_order_in("shipped", items=1).refused(ReportState("cancelled")).detail
    assert "allows paid, returned;" in detail
    assert "which is final" in an_order_in("refunded").refused(ReportState("paid")).detail


def test_paid_and_cancelled_at_once_are_judged_one_after_the_other():
    paid_first, cancelled_first = an_order(), an_order()
    paid_first.report("paid", at=at(1))
    paid_first.report("cancelled", at=at(1))
    assert paid_first.states == ["new", "paid", "cancelled"]
    cancelled_first.report("cancelled", at=at(1))
    refusal = cancelled_first.refused(ReportState("paid"), at(1))
    assert refusal.code == "state_not_allowed"
    assert cancelled_first.states == ["new", "cancelled"]


def test_a_shops_report_has_an_event_of_its_own():
    life = an_order()
    for word in ("paid", "in_production", "cancelled", "refunded"):
        life.report(word, at(-3))
    assert life.dated_events == [
        ("order.created", at(0)),
        ("order.paid", at(-3)),
        ("order.state_changed", at(-3)),
        ("order.cancelled", at(-3)),
        ("order.refunded", at(-3)),
    ]
    assert life.now == at(0) + 4 * MINUTE
