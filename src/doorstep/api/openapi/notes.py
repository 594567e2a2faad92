"""What the fields of answers mean, and the words that some of them are chosen from."""

from doorstep.domain.reasons import REASONS
from doorstep.domain.states import COMPLETED, FINAL, ITEM_STATUSES, ORDER_STATES, SHIPMENT_STATUSES
from doorstep.service.webhooks.signing import SIGNATURES

TIMES = (
    "assumed_delivered_at",
    "attempted_at",
    "creationDate",
    "created_at",
    "datetime",
    "delayed_at",
    "delivered_at",
    "ended_at",
    "failing_since",
    "kept_until",
    "next_attempt_at",
    "order_date",
    "paid_at",
    "paused_at",
    "planned_pickup_datetime",
    "promised_delivery_date",
    "recorded_at",
    "recordedat",
    "time",
    "updated_at",
)
"""Fields of answers that are RFC 3339 times in UTC."""

LABELS = tuple(row.label for row in SHIPMENT_STATUSES.values())

WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("OrderAnswer", "state"): ORDER_STATES,
    ("StateEntryAnswer", "state"): ORDER_STATES,
    ("ExplanationAnswer", "state"): ORDER_STATES,
    ("ReasonAnswer", "state"): (COMPLETED, *FINAL),
    ("ReasonAnswer", "code"): tuple(reason.code for reason in REASONS),
    ("OrderItemAnswer", "status"): ITEM_STATUSES,
    ("ShipmentAnswer", "status"): tuple(SHIPMENT_STATUSES),
    ("ShipmentAnswer", "status_label"): LABELS,
    ("CarrierUpdateAnswer", "status"): tuple(SHIPMENT_STATUSES),
    ("CarrierUpdateAnswer", "event"): LABELS,
    ("KeptUpdateAnswer", "status"): ("kept",),
    ("WebhookEndpointAnswer", "signature"): SIGNATURES,
    ("WebhookEndpointAnswer", "paused_because"): ("asked", "failing", "gone"),
    ("WebhookAttemptAnswer", "outcome"): ("delivered", "failed", "given_up", "waiting"),
}
"""By answer and field, the words that it is one of."""

NOTES: dict[tuple[str, str], str] = {
    ("OrderAnswer", "id"): "doorstep's own number, of 15 digits.",
    ("OrderAnswer", "iri"): "The path of the order.",
    ("OrderAnswer", "order_id"): "The shop's own reference.",
    ("OrderAnswer", "state"): "The last entry of `states_history`.",
    ("OrderAnswer", "states_history"): "In order of transition.",
    ("OrderAnswer", "delayed"): "Whether the promise was, or is by now, broken.",
    ("OrderAnswer", "delayed_at"): "The moment that was promised, once the order is delayed.",
    ("OrderAnswer", "paid_at"): "When the order was reported paid.",
    ("OrderAnswer", "tracking_page_url"): "For the customer; it cannot be guessed.",
    ("StateEntryAnswer", "location"): "Null when unknown.",
    ("StateEntryAnswer", "datetime"): "Always with milliseconds.",
    ("ExplanationAnswer", "text"): "All reasons together, for people.",
    ("ReasonAnswer", "text"): "The reason as a sentence of its own.",
    ("ReasonAnswer", "parcels"): "Of the order, none of them counted; or lost, returned to the "
    "sender, without tracking.",
    ("ReasonAnswer", "missing_parcels"): "Counted parcels that are not delivered.",
    ("ReasonAnswer", "counted_parcels"): "All parcels that the state follows.",
    ("ReasonAnswer", "assumed_delivered_at"): "When the account's `untrackable_days` are over for "
    "the first of the parcels.",
    ("ReasonAnswer", "late_seconds"): "How long the promise has been, or was, broken; left out "
    "where the order ended late without being completed.",
    ("OrderItemAnswer", "id"): "doorstep's own number, as a string.",
    ("OrderItemAnswer", "shop_order_id"): "The `order_id` of the order.",
    ("OrderItemAnswer", "warehouse_address"): "Of the account's warehouse of this name.",
    ("ShipmentAnswer", "id"): "doorstep's own number, of 15 digits.",
    ("ShipmentAnswer", "iri"): "The path of the shipment.",
    ("ShipmentAnswer", "counted"): "Whether the state of the order follows this parcel.",
    ("ShipmentAnswer", "carrier_tracking_url"): "The carrier's own page on the parcel.",
    ("ShipmentAnswer", "delivered_at"): "The earliest delivery that was not retracted.",
    ("CarrierUpdateAnswer", "creationDate"): "When it happened, as the carrier says.",
    ("CarrierUpdateAnswer", "recorded_at"): "When doorstep learned of it.",
    ("CarrierUpdateAnswer", "retracts"): "The id of the update that this one takes back.",
    ("CarrierUpdateAnswer", "event"): "The label of the status.",
    ("UpdateOutcomeAnswer", "index"): "The place of the entry in the array, from 0.",
    ("UpdateOutcomeAnswer", "status"): "As for a single update: 200, 201, 202, 400 or 429.",
    ("UpdateOutcomeAnswer", "code"): "Of an entry that was refused.",
    ("CarrierAnswer", "code"): "In lower case.",
    ("CarrierAnswer", "countries"): "Two letters each, in upper case.",
    ("CarrierAnswer", "tracking_url"): "With `{tracking_code}` in it.",
    ("CloudEvent", "id"): "The same wherever and however often the event is sent.",
    ("CloudEvent", "subject"): "The `order_id` of the order; an event of no order has none.",
    ("CloudEvent", "time"): "When it became true.",
    ("CloudEvent", "recordedat"): "When doorstep learned of it.",
    ("CloudEvent", "sequence"): "Rises in the account in the order of the commits, and may skip.",
    ("CloudEvent", "dataschema"): "The path of the schema of this type.",
    ("CloudEvent", "data"): "As the schema of the type says.",
    ("WebhookEndpointAnswer", "types"): "The types of events that are sent; null: all.",
    ("WebhookEndpointAnswer", "public_key"): "With `v1a`: what signatures are verified with.",
    ("WebhookEndpointAnswer", "paused_because"): "`asked`; `failing`: for a day; `gone`: 410.",
    ("WebhookEndpointAnswer", "failing_since"): "Since when no attempt has succeeded.",
    ("WebhookEndpointAnswer", "secret"): "Only when it was just made.",
    ("WebhookAttemptAnswer", "event_id"): "The `webhook-id` of the request.",
    ("WebhookAttemptAnswer", "sequence"): "Null for a test.",
    ("WebhookAttemptAnswer", "milliseconds"): "How long the attempt took.",
    ("WebhookAttemptAnswer", "status"): "The HTTP status; null where there was no answer.",
    ("WebhookAttemptAnswer", "answer"): "The first 1,024 characters of the answer.",
    ("WebhookAttemptAnswer", "error"): "Why there was no answer, in a word.",
    ("WebhookReplayAnswer", "after"): "The sequence after which it begins.",
    ("WebhookReplayAnswer", "until"): "The last sequence.",
    ("AccountAnswer", "untrackable_days"): "After how many days untrackable parcels count as "
    "delivered; null: never.",
    ("ProblemAnswer", "code"): "Stable, in snake_case; made for programs.",
    ("ProblemAnswer", "detail"): "A sentence for people.",
    ("ProblemAnswer", "violations"): "Where fields are at fault, all of them.",
    ("ProblemAnswer", "request_id"): "With status 500: what the log calls the request.",
    ("Violation", "propertyPath"): "The field, such as `order_items[0].weight`.",
    ("UnauthorizedAnswer", "code"): "Always 401.",
    ("UnauthorizedAnswer", "message"): "`JWT Token not found`, `Invalid JWT Token`, "
    "`Expired JWT Token` or `Invalid credentials.`",
}
"""By answer and field, a word on it where its name does not say all."""
