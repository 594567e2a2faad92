"""An order that nobody placed, for looking at mails."""

from doorstep.domain.order import DAY, Instant, Order, Shipment
from doorstep.domain.states import COMPLETED, SHIPPED
from doorstep.service.mails.kinds import OUT_FOR_DELIVERY, WHOLE_ORDER, Subject

SHIPMENT_NUMBER = 100_000_000_000_002
DAYS_PROMISED = 2


def sample_subject(kind: str) -> Subject:
    return Subject(kind, SHIPMENT_NUMBER if kind == OUT_FOR_DELIVERY else WHOLE_ORDER)


def sample_order(kind: str, language: str | None, now: Instant) -> Order:
    """As it is when a mail of that kind goes out: late, or promised for the day after tomorrow."""
    is_late, is_packed = kind == "delayed", kind not in ("paid", "in_production", "in_preparation")
    promise = now - DAY if is_late else now + DAYS_PROMISED * DAY
    return Order(
        order_number=SHIPMENT_NUMBER - 1,
        order_id="2024-1001",
        state=COMPLETED if kind == "delivered" else SHIPPED if is_packed else kind,
        order_date=now - DAY,
        order_url=None,
        language=language,
        boarding_complete=None,
        order_tags={},
        promised_delivery_date=promise,
        recipient_version=None,
        tracking_token="this-is-a-sample",
        request_hash="",
        created_at=now - DAY,
        updated_at=now,
        delayed_at=promise if is_late else None,
        paid_at=now,
        shipments=(_parcel(kind, now),) if is_packed else (),
    )


def _parcel(kind: str, now: Instant) -> Shipment:
    return Shipment(
        shipment_number=SHIPMENT_NUMBER,
        tracking_code="00340434161094042557",
        reference_number=None,
        carrier_name="DHL",
        carrier_country=None,
        return_parcel=False,
        counted=True,
        trackable=True,
        planned_pickup_datetime=None,
        fields={},
        recipient_version=None,
        created_at=now,
        status={"delivered": "delivered", OUT_FOR_DELIVERY: OUT_FOR_DELIVERY}.get(kind, "pickup"),
        delivered_at=now if kind == "delivered" else None,
    )
