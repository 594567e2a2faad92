"""When a failed webhook or mail is tried again, and when it is given up."""

from msgspec import Struct

from doorstep.domain.order import DAY, SECOND, Instant

JITTER = 0.2
"""A wait is longer or shorter by as much at most: what failed together comes back apart."""

MOST_RETRY_AFTER = DAY
"""A receiver may ask for a longer wait than the schedule's, but for no longer than this."""

ASKS_FOR_PATIENCE = (429, 503)
"""The HTTP statuses whose `Retry-After` counts."""


class Schedule(Struct, frozen=True):
    """`waits` in microseconds: one after each failed try; after one more try it is given up."""

    waits: tuple[int, ...]

    def next_at(
        self, tries: int, now: Instant, chance: float, retry_after_seconds: int | None = None
    ) -> Instant | None:
        """When to try again after as many failed tries; None: given up.

        `chance` from 0 to 1 chooses within the jitter.
        """
        if tries > len(self.waits):
            return None
        wait = round(self.waits[tries - 1] * (1 - JITTER + 2 * JITTER * chance))
        asked = min((retry_after_seconds or 0) * SECOND, MOST_RETRY_AFTER)
        return now + max(wait, asked)


def read_schedule(retry_seconds: str) -> Schedule:
    """The schedule of the setting `retry_seconds`: seconds separated by commas."""
    return Schedule(tuple(round(float(part) * SECOND) for part in retry_seconds.split(",")))
