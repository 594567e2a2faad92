-- name: widen_order_blocks*!
-- A block's summary takes in what is written; it never narrows.
INSERT INTO order_blocks (account_id, block, first_order_date, last_order_date,
    first_promised_by, last_promised_by, first_created_at, last_created_at,
    first_delayed_from, last_delayed_from)
VALUES (:account_id, :block, :first_order_date, :last_order_date,
    :first_promised_by, :last_promised_by, :first_created_at, :last_created_at,
    :first_delayed_from, :last_delayed_from)
ON CONFLICT (account_id, block) DO UPDATE SET
    first_order_date = CASE WHEN excluded.first_order_date < order_blocks.first_order_date
        THEN excluded.first_order_date ELSE order_blocks.first_order_date END,
    last_order_date = CASE WHEN excluded.last_order_date > order_blocks.last_order_date
        THEN excluded.last_order_date ELSE order_blocks.last_order_date END,
    first_promised_by = CASE WHEN excluded.first_promised_by < order_blocks.first_promised_by
        THEN excluded.first_promised_by ELSE order_blocks.first_promised_by END,
    last_promised_by = CASE WHEN excluded.last_promised_by > order_blocks.last_promised_by
        THEN excluded.last_promised_by ELSE order_blocks.last_promised_by END,
    first_created_at = CASE WHEN excluded.first_created_at < order_blocks.first_created_at
        THEN excluded.first_created_at ELSE order_blocks.first_created_at END,
    last_created_at = CASE WHEN excluded.last_created_at > order_blocks.last_created_at
        THEN excluded.last_created_at ELSE order_blocks.last_created_at END,
    first_delayed_from = CASE WHEN excluded.first_delayed_from < order_blocks.first_delayed_from
        THEN excluded.first_delayed_from ELSE order_blocks.first_delayed_from END,
    last_delayed_from = CASE WHEN excluded.last_delayed_from > order_blocks.last_delayed_from
        THEN excluded.last_delayed_from ELSE order_blocks.last_delayed_from END;

-- name: order_blocks_between
SELECT block, first_order_date, last_order_date, first_promised_by, last_promised_by,
    first_created_at, last_created_at, first_delayed_from, last_delayed_from
FROM order_blocks WHERE account_id = :account_id AND block BETWEEN :first AND :last;

-- name: nth_order_block_after
SELECT block FROM order_blocks WHERE account_id = :account_id AND block >= :block
ORDER BY block LIMIT 1 OFFSET :blocks;

-- name: nth_order_block_before
SELECT block FROM order_blocks WHERE account_id = :account_id AND block <= :block
ORDER BY block DESC LIMIT 1 OFFSET :blocks;
