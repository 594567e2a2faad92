-- name: earliest_deadlines
-- What comes due first in each account, by one look into each of its indexes: the cost is that of
-- the accounts, not of what is open. `since` leaves out what was seen and cannot be recorded.
SELECT accounts.account_id, accounts.untrackable_days,
    (
        SELECT late_after FROM orders
        WHERE orders.account_id = accounts.account_id AND late_after >= :since
            AND late_after <= :until
        ORDER BY late_after LIMIT 1
    ),
    (
        SELECT delivery_assumed_from + accounts.untrackable_days * :day FROM shipments
        WHERE shipments.account_id = accounts.account_id
            AND delivery_assumed_from >= :since - accounts.untrackable_days * :day
            AND delivery_assumed_from <= :until - accounts.untrackable_days * :day
        ORDER BY delivery_assumed_from LIMIT 1
    ),
    (
        SELECT recorded_at FROM early_carrier_updates
        WHERE early_carrier_updates.account_id = accounts.account_id
            AND recorded_at < :early_before
        ORDER BY recorded_at LIMIT 1
    ),
    (
        SELECT created_at FROM idempotency_keys
        WHERE idempotency_keys.account_id = accounts.account_id AND created_at < :answers_before
        ORDER BY created_at LIMIT 1
    )
FROM accounts ORDER BY accounts.account_id;

-- name: orders_to_mark_late
-- Open orders whose promise has passed, the longest ago first, after a place among them.
SELECT late_after, order_number FROM orders
WHERE account_id = :account_id AND late_after < :before
    AND (late_after, order_number) > (:after, :after_number)
ORDER BY late_after, order_number LIMIT :most;

-- name: orders_to_assume_delivered
-- Orders with an untracked parcel that is due, the longest due first, after a place among them.
SELECT DISTINCT delivery_assumed_from, order_number FROM shipments
WHERE account_id = :account_id AND delivery_assumed_from <= :planned_until
    AND (delivery_assumed_from, order_number) > (:after, :after_number)
ORDER BY delivery_assumed_from, order_number LIMIT :most;

-- name: untouched_orders
-- Orders that may have been left alone since, the oldest first, after a place among them; of those
-- that were not, the caller is told as well, so that it goes on behind them.
SELECT created_at, order_number, updated_at FROM orders
WHERE account_id = :account_id AND created_at < :before
    AND (created_at, order_number) > (:after, :after_number)
ORDER BY created_at, order_number LIMIT :most;
