"""Where a page of a listing ended, as text in an address."""

import base64

import msgspec

from doorstep.service.listings import Found


class WrongCursor(ValueError):
    """Says how."""


def write_cursor(sort: str, descending: bool, last: Found) -> str:
    text = msgspec.json.encode((sort, descending, last.sort_value, last.number))
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def read_cursor(cursor: str, sort: str, descending: bool) -> tuple[int, int]:
    """The `after` of the page that begins there. Raises WrongCursor."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        of_sort, of_descending, value, number = msgspec.json.decode(
            text, type=tuple[str, bool, int, int]
        )
    except (ValueError, msgspec.MsgspecError, UnicodeDecodeError):
        raise WrongCursor("is not a cursor of this listing.") from None
    if (of_sort, of_descending) != (sort, descending):
        raise WrongCursor("belongs to another order of sorting.")
    if not (abs(value) < 2**63 and abs(number) < 2**63):
        raise WrongCursor("is not a cursor of this listing.")
    return value, number
