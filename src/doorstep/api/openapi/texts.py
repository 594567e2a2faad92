"""What the document says in words; everything else in it is made from the code."""

TITLE = "doorstep"

ABOUT = """\
The life of an order, from `POST /v2/token` to `completed`: orders, their items and states, their \
parcels, and what carriers say of them.

* Every call but the one for a token needs `Authorization: Bearer <token>`. A token is valid 60 \
minutes; any number of them may be in use at once. The scope of the access key says what a token \
is good for: `full` everything, `read` every GET, `carrier` nothing but carrier updates.
* A body is read as JSON whatever its `Content-Type`, and with none at all. Unknown fields and \
read-only ones are ignored. In an optional field `null` and `""` mean “not given” in a POST; in a \
PUT they clear the field. `[]` is accepted for an empty map or object.
* Times come in as RFC 3339, with `T` or a space, with or without seconds, without an offset in \
UTC. They go out in UTC: whole seconds as `2024-01-15T10:30:00Z`, else with milliseconds; \
`states_history[].datetime` always with milliseconds.
* `{id}` of an order is the shop's own `order_id`, percent-encoded where it must be, or the \
number in `id`. A trailing slash changes nothing, and HEAD is answered where GET is.
* Retries are safe. The same order, item, state, shipment or carrier update again is answered as \
the first time, with `Idempotent-Replayed: true`. Any POST but the one for a token also takes an \
`Idempotency-Key`.
* A refusal changes nothing. It is `application/problem+json` with a stable `code`, and names \
every field at fault in `violations`; only 401 keeps the platform's own form. A path that is not \
listed here is answered 404; a method that a path does not have, 405 with `Allow`.
* Every answer to a request has an `X-Request-Id`, the one that the request came with if it had \
one of up to 128 printable ASCII characters without a space. The log names the request by it.\
"""

TAGS = {
    "tokens": ("Token", "What every other call is made with."),
    "orders": (
        "Orders",
        "An order is `new`, may be reported `paid`, `in_production`, `warehouse_handover`, "
        "`in_preparation`, is `shipped` with its first parcel and `completed` once all of them "
        "are delivered and `boarding_complete` is not false.",
    ),
    "items": ("Order items", "The products of an order."),
    "order_states": ("Order states", "What the shop reports of an order's progress."),
    "shipments": ("Shipments", "The parcels of an order; its state follows them."),
    "carriers": ("Carriers", "Whom parcels are handed to."),
    "carrier_updates": ("Carrier updates", "Where a parcel is, as its carrier says."),
    "events": ("Events", "What happened, in order: for those who act on it."),
    "webhook_endpoints": (
        "Webhook endpoints",
        "Where an account's events are sent, signed after Standard Webhooks. docs/webhooks.md "
        "says how to receive them.",
    ),
    "webhook_attempts": ("Webhook attempts", "What came of sending events to an endpoint."),
    "accounts": ("Account", "The account's own settings and warehouses."),
    "health": ("Health", "Whether it runs, and how well; for those who run it."),
    "documentation": ("Documentation", "This reference, for people and for programs."),
}
"""A name and a sentence for each module of handlers, in the order of the document."""

OPERATIONS = {
    "createToken": "Tokens revoke no earlier ones. Too many failures from one address are "
    "answered 429; a correct access key never is.",
    "createOrder": "The same order again (the creating request, or fields that equal what is "
    "stored) is answered 201 with the order as it is now. Fields that differ are answered 409, "
    "which names them: change an order with PUT. `order_items` are created with the order.",
    "listOrders": "With a filter and without paging: all that match. Without a filter: pages of "
    "100. Follow the `Link` header with `rel=next` from page to page; its cost does not grow with "
    "depth. Without a match: `[]`. At most 20 filters are taken. Filters that each match very many "
    "orders, and together too few to be found quickly, are refused with a way to narrow them "
    "(`listing_too_broad`).",
    "getOrder": "An order that was deleted has no past any more.",
    "explainOrder": "An open order waits for the reasons whose `code` begins with `waits_for_`: "
    "once all of them are met it is completed. The others say what keeps it, how its promise "
    "stands, or that it has `ended`. `text` is for people, in English, with times in the "
    "account's time zone. docs/lifecycle.md has every `code`.",
    "changeOrder": "Only the fields given change; `recipient` and `order_tags` are replaced "
    "whole. `boarding_complete: true` completes an order whose parcels are all delivered.",
    "deleteOrder": "The order, its items, shipments and personal data are gone, and its "
    "`order_id` is free again.",
    "addOrderItem": "One of `sku`, `name`, `description` is required. An item with an "
    "`external_id` that the order already has is answered as it is, and nothing is added.",
    "listOrderItems": "In the order in which they were added.",
    "getOrderItem": "What was not given is left out.",
    "changeOrderItem": "Only the fields given change. Once all items are refunded the order is.",
    "removeOrderItem": "When those that remain are all refunded the order is.",
    "reportOrderState": "A shop reports `paid`, `in_production`, `warehouse_handover` and "
    "`in_preparation`, in this order, each of which may be skipped; `cancelled` before the first "
    "parcel; `returned` after it; `refunded` at any time but at the very beginning. `shipped` and "
    "`completed` follow from the parcels and are never reported. A report that the history "
    "already has is replayed; any other step backwards is answered 409.",
    "addShipment": "The order is named by `order_id`, or given as `order`, which creates it if "
    "there is none. The same parcel again (its carrier and `tracking_code`, or its "
    "`reference_number`, on the same order) is replayed, and what differs is taken over while a "
    "PUT would be. The first parcel takes the order to `shipped`.",
    "listShipments": "With a filter and without paging: all that match. Without a filter: pages "
    "of 100 with a `Link` to the next.",
    "getShipment": "Every field is there, null when it was not given.",
    "changeShipment": "Only the fields given change. From the carrier's first scan on, only "
    "`comment`, `shipment_tag` and `counted` can be changed.",
    "deleteShipment": "Possible until the carrier's first scan. An order without parcels returns "
    "to the state that it had before shipping.",
    "listShipmentEvents": "Updates that were retracted are listed too.",
    "listCarriers": "With every country that each delivers to.",
    "putCarrier": "An own carrier goes before a known one of the same code.",
    "deleteCarrier": "A carrier that doorstep knows by itself stays.",
    "recordCarrierUpdates": "One update as an object, or an array of them, each of which is "
    "answered for itself: a bad one holds back no good one. Updates may come late, twice and out "
    "of order; the shipment's status follows from all of them together. The parcel is named by "
    "`shipment_id`, `tracking_code` or `reference_number`; updates for one that is not known yet "
    "are kept 14 days for it. A return to the sender is `returned_to_sender`, not `delivered`.",
    "listEvents": "A reader that follows the `Link` header, which is there on an empty page too, "
    "misses nothing and gets nothing twice. A page may be short and not the last one: where the "
    "events are large, or where few are of the `types`. `order_id` may be doorstep's number of an "
    "order as well, and the order may be deleted. With `Accept: text/event-stream` a stream "
    "of server-sent events. A request that waits ends early when its token is no longer good, or "
    "when the server stops.",
    "listOrderEvents": "Of all orders that bore this `order_id`, one after the other, if there "
    "were several.",
    "getEventSchema": "A JSON Schema (2020-12) of the whole event. Fields may be added one day.",
    "createWebhookEndpoint": "The answer holds the `secret` that requests are signed with, this "
    "once; with `signature` `v1a` it holds a `public_key` instead, which is always shown. An "
    "answer repeated for an `Idempotency-Key` has no secret: have a new one made. The URL must be "
    "http or https without user, password and fragment. Where a name leads is judged whenever it "
    "is connected to: only public addresses, and networks that the server's settings allow.",
    "listWebhookEndpoints": "Paused ones too.",
    "getWebhookEndpoint": "Its secret is not shown.",
    "changeWebhookEndpoint": "Only the fields given change. What waits goes to the new URL; other "
    "`types` hold for events that were not looked at yet.",
    "deleteWebhookEndpoint": "With its secrets, its attempts and all that waits.",
    "rotateWebhookSecret": "The answer holds the new `secret`, this once, or the new `public_key`. "
    "Until the overlap is over, requests bear a signature with each.",
    "testWebhookEndpoint": "One signed event of type `webhook_endpoint.test`, also while the "
    "endpoint is paused. The answer is what came of it, after as many seconds as that took.",
    "pauseWebhookEndpoint": "Events wait from then on. One that is paused already stays so.",
    "resumeWebhookEndpoint": "What waits is due at once, in order, with all its tries before it.",
    "replayEvents": "The endpoint gets these events once more, each with its own id and in order, "
    "beside what happens meanwhile, and those of its `types` only.",
    "listWebhookAttempts": "`outcome` is `delivered` for an HTTP status of 2xx, `failed` where "
    "another try follows at `next_attempt_at`, and `given_up` where none does. With "
    "`outcome=waiting`: the events that wait for their next try, or behind an earlier event of "
    "their order; those have no attempt's fields. Attempts are kept for 30 days.",
    "getAccount": "The account that the access key belongs to.",
    "changeAccount": "Only the fields given change.",
    "listWarehouses": "An item's `warehouse_address` comes from here.",
    "putWarehouse": "Items that name the warehouse show its new address.",
    "deleteWarehouse": "Items that name it keep its name.",
    "getHealth": "Answered from memory: an error or none at all means that the process hangs.",
    "getReadiness": "A durable write is tried, at most once a second; 503 says why none is "
    "possible, and requests that write would be refused too.",
    "getMetrics": "In Prometheus' text format. docs/operations.md says what each figure means.",
    "getDocument": "As OpenAPI 3.1, with the limits in force on this server.",
    "getReference": "One page that needs nothing else, neither a network nor JavaScript.",
}
"""More than the summary, for each operation."""

PARAMETERS = {
    "id": "The shop's `order_id`, or doorstep's number of the order.",
    "item_id": "The `id` of the item.",
    "shipment_id": "The `id` of the shipment.",
    "code": "The carrier's code; letters in any case.",
    "name": "The name of the warehouse.",
    "schema": "The type of event and `.json`.",
    "after": "The sequence after which to begin, from the beginning when not given; `latest`: "
    "only what happens from now on.",
    "types": "Types of events with commas between them; `order.*` stands for all of an order's.",
    "wait": "Seconds to wait for the first event where there is none yet.",
    "webhook_endpoint_id": "The `id` of the webhook endpoint.",
    "outcome": "`failed`, `given_up` or `waiting`; not together with an event.",
    "sequence": "Of an event.",
    "event_id": "Of an event.",
    "as_of": "A moment that has passed: the order as it was known then.",
    "limit": "Entries of a page.",
    "offset": "Entries left out before the page.",
    "page": "The number of the page, from 1.",
    "itemsPerPage": "Another name for `limit`.",
    "cursor": "Where a page begins; taken from a `Link` header.",
    "order_by": "A field to sort by, rising; `-field` or `field desc` for falling.",
    "state": "In any case of letters.",
    "status": "In any case of letters; a status's label is understood too.",
    "carrier": "The name or code of the carrier.",
    "tracking_code": "Of one of its parcels.",
}

COMPARISONS = {
    "after": "At this time or later; a bare date means its start.",
    "before": "At this time or earlier; a bare date means its end.",
    "strictly_after": "Later than this; a bare date means its end.",
    "strictly_before": "Earlier than this; a bare date means its start.",
}

ANSWERS = {
    200: "As asked for.",
    201: "Created, or there already: then with `Idempotent-Replayed`.",
    202: "Accepted; it is done soon.",
    204: "Done; there is no body.",
}

ANSWERS_OF = {
    ("recordCarrierUpdates", 202): "The parcel is not known yet; the update is kept for it.",
    ("createWebhookEndpoint", 201): "Created.",
    ("replayEvents", 202): "The range of sequences that is sent again.",
    ("recordCarrierUpdates", 200): "An object that was known already; or, to an array, what "
    "became of each entry.",
    ("recordCarrierUpdates", 201): "Recorded.",
    ("putCarrier", 200): "Replaced.",
    ("putCarrier", 201): "Added.",
    ("putWarehouse", 200): "Its address was changed.",
    ("putWarehouse", 201): "Added.",
}

REFUSALS = {
    400: "Malformed or invalid; `violations` names the fields.",
    401: "No valid token, or for a token no valid access key.",
    403: "The scope of the access key does not allow it.",
    404: "There is nothing of this name in the account, or nothing at this path.",
    405: "The path does not have this method.",
    409: "Understood, but what is stored forbids it.",
    413: "The body is too large.",
    429: "Too many; try again later.",
    500: "An error on our side; the log has it under `request_id`.",
    503: "Nothing was written; try again shortly.",
}

HEADERS = {
    "Location": "The path of what was created.",
    "Link": 'The next page, with `rel="next"`; absent on the last one of a listing.',
    "Idempotent-Replayed": "`true` when it was there already and nothing was added.",
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "Always `Bearer`.",
    "Allow": "The methods that the path has.",
    "X-Request-Id": "What the log calls the request: the name that it came with, or a new one.",
}
