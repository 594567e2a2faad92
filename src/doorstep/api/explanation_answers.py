"""What an answer tells of an order's explanation."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict

from doorstep.domain.reasons import Reason
from doorstep.service.explanations import Explained
from doorstep.times import format_time

MOMENTS = ("promised_delivery_date", "assumed_delivered_at", "ended_at")
"""Figures of reasons that are instants."""


class ReasonAnswer(Struct, frozen=True):
    """`code` says which figures there are; the others are left out."""

    code: str
    text: str
    parcels: int | UnsetType = UNSET
    missing_parcels: int | UnsetType = UNSET
    counted_parcels: int | UnsetType = UNSET
    assumed_delivered_at: str | UnsetType = UNSET
    promised_delivery_date: str | UnsetType = UNSET
    late_seconds: int | UnsetType = UNSET
    state: str | UnsetType = UNSET
    ended_at: str | UnsetType = UNSET


class ExplanationAnswer(Struct, frozen=True):
    order_id: str
    state: str
    delayed: bool
    text: str
    reasons: list[ReasonAnswer]


def explanation(explained: Explained) -> ExplanationAnswer:
    order = explained.order
    return ExplanationAnswer(
        order.order_id,
        order.state,
        order.delayed_at is not None,
        explained.text,
        [_reason(reason, text) for reason, text in explained.reasons],
    )


def _reason(reason: Reason, text: str) -> ReasonAnswer:
    figures: dict[str, Any] = {
        name: format_time(value) if name in MOMENTS else value
        for name, value in asdict(reason).items()
        if value is not None
    }
    return ReasonAnswer(reason.code, text, **figures)
