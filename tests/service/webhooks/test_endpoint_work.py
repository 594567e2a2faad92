"""What an endpoint is owed when others, or it itself a moment ago, have written of the same."""

from doorstep.domain.order import SECOND
from doorstep.service.retries import Schedule
from doorstep.service.webhooks.endpoint_health import FAILURES_IN_A_ROW
from doorstep.service.webhooks.endpoint_work import EndpointWork
from doorstep.service.webhooks.event_log import Message
from doorstep.service.webhooks.lanes import Owed
from doorstep.service.webhooks.sending import Sent
from doorstep.store.webhook_deliveries import WebhookCursor
from doorstep.store.webhooks import WebhookEndpoint

ENDPOINT = WebhookEndpoint(1, 7, "https://a.example/", None, None, "v1", None, None, None, 1, 1)
MESSAGE = Message(1, 10, "order.created", "evt_1_1", b"{}")
NOW = 1_000 * SECOND
DUE = NOW - 100 * SECOND


def test_what_was_just_delivered_is_no_stray() -> None:
    """Its row is there until the outcome is written, and may have been read just before."""
    work = EndpointWork(ENDPOINT, Schedule((SECOND,)))
    work.add_cursor(WebhookCursor(1, 7, 0, 1, None), [Owed(1, 10, DUE, 1)])
    for _ in range(2):
        taken = work.take(NOW)
        if taken is not None:
            work.tried(taken, MESSAGE, Sent(NOW, 1, 204), 1, NOW)
        work.add_stray(0, Owed(1, 10, DUE, 1))
        work.strays_added()
    assert work.take(NOW) is None
    work.add_stray(0, Owed(1, 10, DUE, 1))
    assert work.take(NOW) is not None, "it is there again: another worker has written it since"


def test_an_endpoint_that_is_down_is_not_probed_with_what_it_refuses() -> None:
    """Else those of its events that it would take wait behind all of these probes."""
    work = EndpointWork(ENDPOINT, Schedule((SECOND, SECOND, SECOND)))
    refused = [Owed(n, n, DUE + n, 1) for n in range(1, FAILURES_IN_A_ROW + 9)]
    work.add_cursor(WebhookCursor(1, 7, 0, 99, None), refused)
    for _ in range(FAILURES_IN_A_ROW):
        taken = work.take(NOW)
        assert taken is not None
        work.tried(taken, MESSAGE, Sent(NOW, 1, 500), 1, NOW)
    assert work.health.is_down
    work.add_read(0, [Message(100, 100, "order.created", "evt_1_100", b"{}")], 100, NOW)
    taken = work.take(NOW + SECOND)
    assert taken is not None
    assert taken.owed.sequence == 100


def test_what_an_endpoint_refuses_has_all_its_tries_however_often_it_comes_back() -> None:
    work = EndpointWork(ENDPOINT, Schedule((1_000 * SECOND,)))
    work.add_cursor(WebhookCursor(1, 7, 0, 0, None), [])
    now, outcomes, read = NOW, [], 0
    for _ in range(40):
        for number in range(1, FAILURES_IN_A_ROW + 2):
            # Later ones, which it takes, bring it back each time.
            read, is_first = read + 1, read < FAILURES_IN_A_ROW
            order_number = number if is_first else 1_000 + read
            message = Message(read, order_number, "order.created", f"evt_1_{read}", b"{}")
            work.add_read(0, [message], read, now)
        while (taken := work.take(now)) is not None:
            status = 500 if taken.owed.order_number < 1_000 else 204
            outcomes.append(work.tried(taken, MESSAGE, Sent(now, 1, status), 1, now))
        now += SECOND
    assert outcomes.count("delivered") > FAILURES_IN_A_ROW
    assert outcomes.count("given_up") == 0
    assert outcomes.count("failed") <= 2 * FAILURES_IN_A_ROW
