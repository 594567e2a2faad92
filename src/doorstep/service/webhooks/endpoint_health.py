"""How an endpoint has answered lately: how much it is sent at once, and when it is paused."""

from doorstep.domain.order import DAY, SECOND, Instant

MOST_IN_FLIGHT = 16
"""Requests to one endpoint at the same time."""

FAILURES_IN_A_ROW = 8
"""After as many it is taken for down, and only probed: one request at a time, with pauses."""

FIRST_PAUSE = SECOND // 10
LONGEST_PAUSE = 60 * SECOND
"""Between two probes: each that fails doubles the pause. So soon is it noticed that it is back."""

PAUSED_AFTER = DAY
"""An endpoint that has failed for so long without a success is paused."""


class EndpointHealth:
    """Plain counting; who sends tells it of each outcome."""

    def __init__(self, failing_since: Instant | None) -> None:
        self.failing_since = failing_since
        self._failures = FAILURES_IN_A_ROW if failing_since is not None else 0
        self._pause = FIRST_PAUSE
        self.quiet_until: Instant = 0

    @property
    def is_down(self) -> bool:
        return self._failures >= FAILURES_IN_A_ROW

    @property
    def most_in_flight(self) -> int:
        """How many requests may be on their way, none of them sent before `quiet_until`."""
        return 1 if self.is_down else MOST_IN_FLIGHT

    def delivered(self) -> bool:
        """Whether it had been taken for down: what waits need not wait any longer."""
        was_down = self.is_down
        self.failing_since = None
        self._failures = 0
        self._pause = FIRST_PAUSE
        self.quiet_until = 0
        return was_down

    def failed(self, now: Instant) -> bool:
        """Whether it has failed for so long now that it is to be paused."""
        self._failures += 1
        if self.failing_since is None:
            self.failing_since = now
        # The others of the same burst tell nothing new.
        if self.is_down and now >= self.quiet_until:
            self.quiet_until = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        return now - self.failing_since >= PAUSED_AFTER
