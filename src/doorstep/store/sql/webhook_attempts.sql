-- name: webhook_attempts_before
SELECT {webhook_attempt} FROM webhook_attempts
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND (attempted_at, attempt_number) < (:attempted_at, :attempt_number)
ORDER BY attempted_at DESC, attempt_number DESC LIMIT :most;

-- name: webhook_attempts_of_event_before
SELECT {webhook_attempt} FROM webhook_attempts
WHERE account_id = :account_id AND endpoint_number = :endpoint_number AND sequence = :sequence
    AND (attempted_at, attempt_number) < (:attempted_at, :attempt_number)
ORDER BY attempted_at DESC, attempt_number DESC LIMIT :most;

-- name: failed_webhook_attempts_before
SELECT {webhook_attempt} FROM webhook_attempts
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND (http_status IS NULL OR http_status < 200 OR http_status > 299)
    AND (attempted_at, attempt_number) < (:attempted_at, :attempt_number)
ORDER BY attempted_at DESC, attempt_number DESC LIMIT :most;

-- name: given_up_webhook_attempts_before
SELECT {webhook_attempt} FROM webhook_attempts
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND next_at IS NULL AND sequence IS NOT NULL
    AND (http_status IS NULL OR http_status < 200 OR http_status > 299)
    AND (attempted_at, attempt_number) < (:attempted_at, :attempt_number)
ORDER BY attempted_at DESC, attempt_number DESC LIMIT :most;

-- name: waiting_webhook_deliveries_after
-- The one that is due next comes first.
SELECT webhook_deliveries.next_at, webhook_deliveries.sequence, webhook_deliveries.cursor_number,
    events.type
FROM webhook_deliveries
JOIN events ON events.account_id = :account_id AND events.sequence = webhook_deliveries.sequence
WHERE webhook_deliveries.account_id = :account_id
    AND webhook_deliveries.endpoint_number = :endpoint_number
    AND webhook_deliveries.next_at IS NOT NULL
    AND (webhook_deliveries.next_at, webhook_deliveries.sequence, webhook_deliveries.cursor_number)
        > (:next_at, :sequence, :cursor_number)
ORDER BY webhook_deliveries.next_at, webhook_deliveries.sequence, webhook_deliveries.cursor_number
LIMIT :most;
