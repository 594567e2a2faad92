"""When what the outside world did not take is tried again."""

from random import uniform

from msgspec import Struct

from doorstep.domain.order import SECOND, Instant

JITTER = 0.1
"""A tenth more or less, so that what failed together does not come back together."""


class RetrySchedule(Struct, frozen=True):
    """How many seconds pass after each failed try; one more try follows the last of them."""

    seconds: tuple[float, ...]

    @classmethod
    def of(cls, setting: str) -> "RetrySchedule":
        """As the setting has it: seconds separated by commas."""
        return cls(tuple(float(seconds) for seconds in setting.split(",")))

    def next_at(self, tries: int, now: Instant) -> Instant | None:
        """After so many failed tries; None: it is given up."""
        if tries > len(self.seconds):
            return None
        seconds = self.seconds[tries - 1] * uniform(1 - JITTER, 1 + JITTER)
        return now + round(seconds * SECOND)
