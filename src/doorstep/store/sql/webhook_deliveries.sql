-- name: all_webhook_cursors
-- Those of all accounts: the worker sends for every one.
SELECT account_id, endpoint_number, cursor_number, position, last_sequence FROM webhook_cursors
ORDER BY account_id, endpoint_number, cursor_number;

-- name: all_webhook_secrets
-- The newest first; those of all accounts: the worker sends for every one.
SELECT account_id, endpoint_number, secret_number, secret, created_at, expires_at
FROM webhook_secrets WHERE expires_at IS NULL OR expires_at > :at
ORDER BY account_id, endpoint_number, secret_number DESC;

-- name: waiting_webhook_deliveries
-- There are never many: `next_at` bounds them, and the worker keeps no more than some thousands.
SELECT sequence, order_number, next_at, tries FROM webhook_deliveries
WHERE account_id = :account_id AND endpoint_number = :endpoint_number AND next_at <= :until
    AND next_at IS NOT NULL AND cursor_number = :cursor_number
ORDER BY sequence LIMIT :most;

-- name: put_webhook_deliveries*!
INSERT INTO webhook_deliveries (account_id, endpoint_number, cursor_number, sequence, order_number,
    tries, next_at, given_up_at)
VALUES (:account_id, :endpoint_number, :cursor_number, :sequence, :order_number, :tries, :next_at,
    :given_up_at)
ON CONFLICT (account_id, endpoint_number, cursor_number, sequence) DO UPDATE
SET tries = excluded.tries, next_at = excluded.next_at, given_up_at = excluded.given_up_at;

-- name: delete_webhook_deliveries*!
DELETE FROM webhook_deliveries
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND cursor_number = :cursor_number AND sequence = :sequence;

-- name: insert_webhook_attempts*!
-- Written again where the outcome of the commit was unknown.
INSERT INTO webhook_attempts (account_id, endpoint_number, attempt_number, sequence, webhook_id,
    type, attempted_at, milliseconds, http_status, answer, error, next_at)
VALUES (:account_id, :endpoint_number, :attempt_number, :sequence, :webhook_id, :type,
    :attempted_at, :milliseconds, :http_status, :answer, :error, :next_at)
ON CONFLICT (account_id, endpoint_number, attempt_number) DO NOTHING;

-- name: advance_webhook_cursors*!
-- Never back: another worker may have been further for a moment.
UPDATE webhook_cursors
SET position = CASE WHEN webhook_cursors.position < :position THEN :position
    ELSE webhook_cursors.position END
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND cursor_number = :cursor_number;

-- name: delete_webhook_cursors*!
DELETE FROM webhook_cursors
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND cursor_number = :cursor_number;

-- name: hold_webhook_endpoints
-- Nobody pauses or deletes them until the commit.
SELECT endpoint_number, url, paused_at FROM webhook_endpoints
WHERE account_id = :account_id AND endpoint_number ANY_OF(:endpoint_numbers)
ORDER BY endpoint_number FOR_UPDATE;

-- name: note_webhook_failures*!
UPDATE webhook_endpoints SET failing_since = :failing_since
WHERE account_id = :account_id AND endpoint_number = :endpoint_number;

-- name: pause_webhook_endpoints*!
UPDATE webhook_endpoints
SET paused_at = :paused_at, paused_because = :paused_because, updated_at = :paused_at
WHERE account_id = :account_id AND endpoint_number = :endpoint_number;

-- name: old_webhook_attempts
SELECT endpoint_number, attempt_number FROM webhook_attempts
WHERE account_id = :account_id AND attempted_at < :before
ORDER BY attempted_at, attempt_number LIMIT :most;

-- name: delete_webhook_attempts*!
DELETE FROM webhook_attempts
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND attempt_number = :attempt_number;

-- name: old_given_up_webhook_deliveries
SELECT endpoint_number, cursor_number, sequence FROM webhook_deliveries
WHERE account_id = :account_id AND given_up_at < :before AND given_up_at IS NOT NULL
ORDER BY given_up_at LIMIT :most;

-- name: webhook_positions
-- How far each endpoint is, and what waits of that which it has passed by.
SELECT webhook_endpoints.endpoint_number, webhook_endpoints.paused_at, webhook_cursors.position,
    (SELECT min(webhook_deliveries.sequence) FROM webhook_deliveries
     WHERE webhook_deliveries.account_id = :account_id
        AND webhook_deliveries.endpoint_number = webhook_endpoints.endpoint_number
        AND webhook_deliveries.next_at IS NOT NULL),
    (SELECT count(*) FROM webhook_deliveries
     WHERE webhook_deliveries.account_id = :account_id
        AND webhook_deliveries.endpoint_number = webhook_endpoints.endpoint_number
        AND webhook_deliveries.next_at IS NOT NULL)
FROM webhook_endpoints
JOIN webhook_cursors ON webhook_cursors.account_id = :account_id
    AND webhook_cursors.endpoint_number = webhook_endpoints.endpoint_number
    AND webhook_cursors.cursor_number = 0
WHERE webhook_endpoints.account_id = :account_id
ORDER BY webhook_endpoints.endpoint_number;

-- name: recorded_after
-- When the next event after a sequence was recorded.
SELECT recorded_at FROM events WHERE account_id = :account_id AND sequence > :after
ORDER BY sequence LIMIT 1;
