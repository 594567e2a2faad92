-- name: advance_sequence!
-- The row's lock gives an account's events their commit order.
UPDATE accounts SET last_sequence = last_sequence + :count WHERE account_id = :account_id;

-- name: insert_events*!
-- `sequence` is given relative to the account's last one, which was advanced before.
INSERT INTO events (account_id, sequence, order_number, order_id, type, occurred_at, recorded_at,
    data)
VALUES (:account_id,
    (SELECT last_sequence FROM accounts WHERE account_id = :account_id) + :sequence,
    :order_number, :order_id, :type, :occurred_at, :recorded_at, :data);

-- name: newest_sequences
SELECT account_id, last_sequence FROM accounts WHERE account_id ANY_OF(:account_ids);

-- name: load_log
SELECT {logged_event} FROM events WHERE account_id = :account_id AND sequence > :after
ORDER BY sequence LIMIT :most;

-- name: load_log_of_types
-- Looks at every event until `until`, however few it finds.
SELECT {logged_event} FROM events
WHERE account_id = :account_id AND sequence > :after AND sequence <= :until
    AND type ANY_OF(:types)
ORDER BY sequence LIMIT :most;

-- name: load_log_of_order
SELECT {logged_event} FROM events
WHERE account_id = :account_id AND order_number = :order_number AND sequence > :after
    AND type ANY_OF(:types)
ORDER BY sequence LIMIT :most;

-- name: logged_order_number
SELECT order_number FROM events
WHERE account_id = :account_id AND order_number = :order_number LIMIT 1;

-- name: load_events
SELECT sequence, type, recorded_at, data FROM events
WHERE account_id = :account_id AND order_number = :order_number
ORDER BY sequence;

-- name: deleted_order_numbers
-- The orders that once bore this reference, and until which sequence.
SELECT order_number, sequence FROM events
WHERE account_id = :account_id AND order_id = :order_id AND type = 'order.deleted';

-- name: load_answers
SELECT idempotency_key, request_hash, answer, order_number FROM idempotency_keys
WHERE account_id = :account_id AND idempotency_key ANY_OF(:idempotency_keys)
    AND created_at > :after;

-- name: put_answers*!
INSERT INTO idempotency_keys (account_id, idempotency_key, request_hash, order_number, answer,
    created_at)
VALUES (:account_id, :idempotency_key, :request_hash, :order_number, :answer, :created_at)
ON CONFLICT (account_id, idempotency_key) DO UPDATE
SET request_hash = excluded.request_hash, order_number = excluded.order_number,
    answer = excluded.answer, created_at = excluded.created_at;

-- name: erase_answers_of_orders*!
-- The key stays known, so that a late retry does not bring a deleted order back.
UPDATE idempotency_keys SET answer = ''
WHERE account_id = :account_id AND order_number = :order_number;

-- name: delete_expired_answers!
DELETE FROM idempotency_keys
WHERE account_id = :account_id AND idempotency_key IN (
    SELECT idempotency_key FROM idempotency_keys
    WHERE account_id = :account_id AND created_at < :before LIMIT 500
);

-- name: changed_orders
-- Which orders the events that follow a sequence are about.
SELECT sequence, order_number FROM events
WHERE account_id = :account_id AND sequence > :after ORDER BY sequence LIMIT :most;
