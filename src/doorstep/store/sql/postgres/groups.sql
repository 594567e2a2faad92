-- name: begin_group!
-- A group's own id: whoever inserts it again learns whether the group was committed. The one
-- before, whose fate is known by now, is forgotten.
WITH forgotten AS (
    DELETE FROM commit_groups WHERE account_id = :last_account_id AND group_id = :last_group_id
)
INSERT INTO commit_groups (account_id, group_id, is_committed)
VALUES (:account_id, :group_id, TRUE);

-- name: settle_group$
-- What became of a group: a conflict waits for its end, and no conflict means that it never will
-- be committed. Writes in either case, so that this commit covers the other one.
INSERT INTO commit_groups (account_id, group_id, is_committed)
VALUES (:account_id, :group_id, FALSE)
ON CONFLICT (account_id, group_id) DO UPDATE SET times_settled = commit_groups.times_settled + 1
RETURNING is_committed;

-- name: hold_names
-- Until the commit no other process decides on what these names lead to. Always in the same
-- order, so that two processes never wait for each other in turn.
SELECT count(pg_advisory_xact_lock(held.name)) FROM (
    SELECT DISTINCT hashtextextended(given.name, :account_id) AS name
    FROM unnest(CAST(:names AS text[])) AS given(name) ORDER BY 1
) AS held;

-- name: hold_orders
-- In the order given, which rises. (An ORDER BY would make older servers read a whole account.)
SELECT orders.order_number FROM unnest(CAST(:order_numbers AS bigint[])) AS given(order_number)
JOIN orders ON orders.account_id = :account_id AND orders.order_number = given.order_number
FOR UPDATE OF orders;

-- name: write_alone
-- Writes that name no order come one after the other, in all processes.
SELECT pg_advisory_xact_lock(1, 1);
