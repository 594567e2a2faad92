account_id, endpoint_number, attempt_number, sequence, webhook_id, type, attempted_at,
    milliseconds, http_status, answer, error, next_at
