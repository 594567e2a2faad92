"""How long an answer asks to wait."""

from datetime import UTC
from email.utils import parsedate_to_datetime

from doorstep.domain.order import SECOND, Instant

MOST_SECONDS = 86_400


def retry_after_seconds(text: str | None, now: Instant) -> int | None:
    """The header `Retry-After`: seconds, or an HTTP date; a day at most, None for neither."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdecimal():
        # Python refuses to read numbers of thousands of digits.
        return min(int(text[:10]), MOST_SECONDS)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0, min(round(date.timestamp() - now / SECOND), MOST_SECONDS))
