-- name: load_webhook_endpoint^
SELECT account_id, endpoint_number, url, types, description, signature, paused_at, paused_because,
    failing_since, created_at, updated_at
FROM webhook_endpoints
WHERE account_id = :account_id AND endpoint_number = :endpoint_number;

-- name: load_webhook_endpoints
-- As many as an account may have, at most.
SELECT account_id, endpoint_number, url, types, description, signature, paused_at, paused_because,
    failing_since, created_at, updated_at
FROM webhook_endpoints
WHERE account_id = :account_id
ORDER BY endpoint_number;

-- name: active_webhook_endpoints
-- Those of all accounts: the worker sends for every one.
SELECT account_id, endpoint_number, url, types, description, signature, paused_at, paused_because,
    failing_since, created_at, updated_at
FROM webhook_endpoints
WHERE paused_at IS NULL
ORDER BY account_id, endpoint_number;

-- name: valid_webhook_secrets
-- The newest first.
SELECT account_id, endpoint_number, secret_number, secret, created_at, expires_at
FROM webhook_secrets
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND (expires_at IS NULL OR expires_at > :at)
ORDER BY secret_number DESC;

-- name: count_webhook_endpoints$
SELECT count(*) FROM webhook_endpoints WHERE account_id = :account_id;

-- name: insert_webhook_endpoint!
INSERT INTO webhook_endpoints (account_id, endpoint_number, url, types, description, signature,
    created_at, updated_at)
VALUES (:account_id, :endpoint_number, :url, :types, :description, :signature, :created_at,
    :updated_at);

-- name: update_webhook_endpoint!
UPDATE webhook_endpoints SET url = :url, types = :types, description = :description,
    paused_at = :paused_at, paused_because = :paused_because, failing_since = :failing_since,
    updated_at = :updated_at
WHERE account_id = :account_id AND endpoint_number = :endpoint_number;

-- name: insert_webhook_secret!
INSERT INTO webhook_secrets (account_id, endpoint_number, secret_number, secret, created_at)
VALUES (:account_id, :endpoint_number, :secret_number, :secret, :created_at);

-- name: expire_webhook_secrets!
-- Those that expire already are not kept any longer for that.
UPDATE webhook_secrets SET expires_at = :expires_at
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND (expires_at IS NULL OR expires_at > :expires_at);

-- name: expired_webhook_secrets
-- An account has few secrets.
SELECT endpoint_number, secret_number FROM webhook_secrets
WHERE account_id = :account_id AND expires_at <= :before
ORDER BY endpoint_number, secret_number LIMIT :most;

-- name: delete_webhook_secrets*!
DELETE FROM webhook_secrets
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND secret_number = :secret_number;

-- name: insert_webhook_cursor!
INSERT INTO webhook_cursors (account_id, endpoint_number, cursor_number, position, last_sequence,
    created_at)
VALUES (:account_id, :endpoint_number, :cursor_number, :position, :last_sequence, :created_at);

-- name: count_webhook_replays$
SELECT count(*) FROM webhook_cursors
WHERE account_id = :account_id AND endpoint_number = :endpoint_number AND cursor_number > 0;

-- name: make_webhook_deliveries_due!
-- With all their tries before them. There are some thousands at most: what waits for longer is not
-- read yet.
UPDATE webhook_deliveries SET next_at = :now, tries = 0
WHERE account_id = :account_id AND endpoint_number = :endpoint_number AND next_at IS NOT NULL;

-- name: first_event_after
SELECT sequence, recorded_at FROM events
WHERE account_id = :account_id AND sequence > :after ORDER BY sequence LIMIT 1;

-- name: some_webhook_attempts
SELECT attempt_number FROM webhook_attempts
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
ORDER BY attempt_number LIMIT :most;

-- name: delete_webhook_attempts_up_to!
DELETE FROM webhook_attempts
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
    AND attempt_number <= :last;

-- name: some_webhook_deliveries
SELECT cursor_number, sequence FROM webhook_deliveries
WHERE account_id = :account_id AND endpoint_number = :endpoint_number
ORDER BY cursor_number, sequence LIMIT :most;

-- name: delete_webhook_endpoint_secrets!
DELETE FROM webhook_secrets
WHERE account_id = :account_id AND endpoint_number = :endpoint_number;

-- name: delete_webhook_endpoint_cursors!
DELETE FROM webhook_cursors
WHERE account_id = :account_id AND endpoint_number = :endpoint_number;

-- name: delete_webhook_endpoint!
DELETE FROM webhook_endpoints
WHERE account_id = :account_id AND endpoint_number = :endpoint_number;
