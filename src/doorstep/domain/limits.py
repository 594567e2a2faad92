"""How large, long or many things may be: defaults, ceilings and meanings, as data."""

from dataclasses import dataclass, field, fields
from typing import NamedTuple

MIB = 1024 * 1024


class Limit(NamedTuple):
    """One row of the table of limits; `ceiling` is the most that the limit may be set to."""

    default: int
    ceiling: int
    meaning: str


def _limit(default: int, ceiling: int, meaning: str) -> int:
    return field(default=default, metadata={"limit": Limit(default, ceiling, meaning)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits in force; ValueError for one that is below 1 or above its ceiling."""

    max_body_bytes: int = _limit(MIB, 64 * MIB, "Most bytes in the body of one request.")
    # 512 characters of four bytes each still fit into an index entry of PostgreSQL (2,704 bytes).
    max_identifier_length: int = _limit(
        255, 512, "Most characters of an order id, a tracking code or a reference number."
    )
    max_url_length: int = _limit(2048, 8192, "Most characters of a URL.")
    max_text_length: int = _limit(4096, 65_536, "Most characters of any other text.")
    max_tags: int = _limit(100, 1000, "Most tags of an order or of a shipment.")
    max_items_per_order: int = _limit(1000, 10_000, "Most items of an order.")
    # What an order holds is loaded and gone over at each change of it, while all others wait.
    max_shipments_per_order: int = _limit(500, 5_000, "Most shipments of an order.")
    max_updates_per_order: int = _limit(
        2_000, 20_000, "Most carrier updates that the shipments of an order have together."
    )
    max_listed: int = _limit(
        50_000, 1_000_000, "Most entries that a listing with a filter and without paging may have."
    )
    max_updates_per_request: int = _limit(1000, 10_000, "Most carrier updates in one request.")
    max_early_updates: int = _limit(
        10_000, 1_000_000, "Most carrier updates an account keeps for parcels not yet known."
    )
    max_webhook_endpoints: int = _limit(20, 1_000, "Most webhook endpoints of an account.")
    max_event_streams: int = _limit(
        100, 10_000, "Most requests of an account that wait for events at the same time."
    )

    def __post_init__(self) -> None:
        for name, limit in LIMITS.items():
            value = getattr(self, name)
            if not 1 <= value <= limit.ceiling:
                raise ValueError(
                    f"{name} must be a whole number from 1 to {limit.ceiling}, not {value}."
                )


LIMITS: dict[str, Limit] = {each.name: each.metadata["limit"] for each in fields(Limits)}
"""Every limit by its name, in the order of `Limits`."""
