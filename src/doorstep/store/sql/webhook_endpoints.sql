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
