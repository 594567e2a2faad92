"""What has changed at one endpoint since it was last written down."""

from msgspec import Struct, field

from doorstep.domain.order import Instant
from doorstep.service.webhooks.event_log import Message
from doorstep.service.webhooks.lanes import Owed
from doorstep.service.webhooks.sending import Sent
from doorstep.store.rows import Row
from doorstep.store.webhook_deliveries import WebhookAttempt, WebhookDelivery
from doorstep.store.webhooks import WebhookEndpoint


class Changes(Struct):
    """`deliveries` by cursor and sequence: what waits or was given up; None for what had waited,
    and is delivered. `positions` by cursor. `paused_because` None: it is not to be paused.
    """

    endpoint: WebhookEndpoint
    attempts: list[WebhookAttempt] = field(default_factory=list)
    deliveries: dict[tuple[int, int], WebhookDelivery | None] = field(default_factory=dict)
    positions: dict[int, int] = field(default_factory=dict)
    finished: list[int] = field(default_factory=list)
    failing_since: Instant | None = None
    is_failing_changed: bool = False
    paused_because: str | None = None

    @property
    def is_any(self) -> bool:
        lists = self.attempts or self.deliveries or self.positions or self.finished
        return bool(lists or self.is_failing_changed or self.paused_because)

    @property
    def key(self) -> Row:
        endpoint = self.endpoint
        return {
            "account_id": endpoint.account_id,
            "endpoint_number": endpoint.endpoint_number,
        }

    def attempted(
        self, message: Message, sent: Sent, attempt_number: int, next_at: Instant | None
    ) -> None:
        attempt = WebhookAttempt(
            self.endpoint.account_id,
            self.endpoint.endpoint_number,
            attempt_number,
            message.sequence,
            message.webhook_id,
            message.type,
            sent.attempted_at,
            sent.milliseconds,
            sent.http_status,
            sent.answer,
            sent.error,
            next_at,
        )
        self.attempts.append(attempt)

    def waits(self, cursor_number: int, owed: Owed) -> None:
        self._put(cursor_number, owed, owed.due_at, None)

    def given_up(self, cursor_number: int, owed: Owed, now: Instant) -> None:
        self._put(cursor_number, owed, None, now)

    def waits_no_more(self, cursor_number: int, owed: Owed) -> None:
        self.deliveries[cursor_number, owed.sequence] = None

    def _put(
        self,
        cursor_number: int,
        owed: Owed,
        next_at: Instant | None,
        given_up_at: Instant | None,
    ) -> None:
        self.deliveries[cursor_number, owed.sequence] = WebhookDelivery(
            self.endpoint.account_id,
            self.endpoint.endpoint_number,
            cursor_number,
            owed.sequence,
            owed.order_number,
            owed.tries,
            next_at,
            given_up_at,
        )
