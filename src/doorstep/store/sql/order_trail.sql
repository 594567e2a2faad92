-- name: order_events_before
-- The newest first. Of an event's data there may be as much as of a request's body: what is longer
-- than `most_length` is left empty.
SELECT account_id, sequence, order_number, order_id, type, occurred_at, recorded_at,
    CASE WHEN length(data) <= CAST(:most_length AS BIGINT) THEN data ELSE '' END
FROM events
WHERE account_id = :account_id AND order_number = :order_number AND sequence < :before
ORDER BY sequence DESC LIMIT :most;

-- name: webhook_attempts_of_events
-- At every endpoint; those of the newest event first, and of each the newest attempt.
SELECT webhook_attempts.account_id, webhook_attempts.endpoint_number,
    webhook_attempts.attempt_number, webhook_attempts.sequence, webhook_attempts.webhook_id,
    webhook_attempts.type, webhook_attempts.attempted_at, webhook_attempts.milliseconds,
    webhook_attempts.http_status, webhook_attempts.answer, webhook_attempts.error,
    webhook_attempts.next_at
FROM webhook_endpoints
CROSS JOIN webhook_attempts
WHERE webhook_endpoints.account_id = :account_id
    AND webhook_attempts.account_id = :account_id
    AND webhook_attempts.endpoint_number = webhook_endpoints.endpoint_number
    AND webhook_attempts.sequence ANY_OF(:sequences)
ORDER BY webhook_attempts.sequence DESC, webhook_attempts.attempted_at DESC,
    webhook_attempts.attempt_number DESC LIMIT :most;

-- name: waiting_webhooks_of_events
-- At every endpoint, replays among them; the one that is due next comes first.
SELECT webhook_deliveries.endpoint_number, webhook_deliveries.sequence, webhook_deliveries.tries,
    webhook_deliveries.next_at
FROM webhook_cursors
CROSS JOIN webhook_deliveries
WHERE webhook_cursors.account_id = :account_id
    AND webhook_deliveries.account_id = :account_id
    AND webhook_deliveries.endpoint_number = webhook_cursors.endpoint_number
    AND webhook_deliveries.cursor_number = webhook_cursors.cursor_number
    AND webhook_deliveries.sequence ANY_OF(:sequences)
    AND webhook_deliveries.next_at IS NOT NULL
ORDER BY webhook_deliveries.next_at, webhook_deliveries.sequence LIMIT :most;

-- name: mails_of_order
-- The newest first.
SELECT kind, shipment_number, status, tries, next_at, created_at, sent_at, error FROM mails
WHERE account_id = :account_id AND order_number = :order_number
ORDER BY created_at DESC, kind, shipment_number LIMIT :most;
