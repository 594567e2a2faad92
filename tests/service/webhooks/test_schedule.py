"""When a webhook is tried again, how much a failing endpoint is sent, when it is paused."""

from hypothesis import given
from hypothesis import strategies as st

from doorstep.domain.order import DAY, SECOND
from doorstep.service.retries import read_schedule
from doorstep.service.webhooks import endpoint_health
from doorstep.service.webhooks.endpoint_health import EndpointHealth

SCHEDULE = read_schedule("5,30.5, 120")


@given(st.integers(1, 3), st.floats(0, 1))
def test_a_wait_is_the_published_one_or_a_fifth_off(tries: int, chance: float) -> None:
    published = (5, 30.5, 120)[tries - 1] * SECOND
    next_at = SCHEDULE.next_at(tries, 0, chance)
    assert next_at is not None
    assert 0.8 * published - 1 <= next_at <= 1.2 * published + 1


def test_the_last_try_is_the_one_after_the_last_wait() -> None:
    assert SCHEDULE.next_at(3, 0, 0.5) == 120 * SECOND
    assert SCHEDULE.next_at(4, 0, 0.5) is None


def test_a_receiver_may_ask_for_a_longer_wait_but_not_for_ever() -> None:
    assert SCHEDULE.next_at(1, 0, 0.5, 3) == 5 * SECOND
    assert SCHEDULE.next_at(1, 0, 0.5, 60) == 60 * SECOND
    assert SCHEDULE.next_at(1, 0, 0.5, 10**9) == DAY
    assert SCHEDULE.next_at(4, 0, 0.5, 60) is None


def test_an_endpoint_that_fails_is_probed_with_growing_pauses() -> None:
    health, now, probes = EndpointHealth(None), 0, 0
    while now < DAY - endpoint_health.LONGEST_PAUSE:
        probes += 1
        now = max(now, health.quiet_until) + SECOND // 100
        assert health.failed(now) is False
    assert probes < DAY // endpoint_health.LONGEST_PAUSE + 50
    assert health.failing_since == SECOND // 100
    assert health.failed(now + 2 * endpoint_health.LONGEST_PAUSE) is True


def test_one_success_makes_up_for_all_failures() -> None:
    health = EndpointHealth(None)
    for _ in range(endpoint_health.FAILURES_IN_A_ROW):
        health.failed(1)
    assert health.most_in_flight == 1
    assert health.quiet_until == 1 + endpoint_health.FIRST_PAUSE
    assert health.delivered() is True
    assert health.most_in_flight == endpoint_health.MOST_IN_FLIGHT
    assert (health.failing_since, health.quiet_until) == (None, 0)
    assert health.delivered() is False


def test_an_endpoint_that_was_failing_at_a_start_is_probed_first() -> None:
    health = EndpointHealth(failing_since=1)
    assert (health.most_in_flight, health.quiet_until) == (1, 0)
