-- name: load_mail_cursors
-- How far each account's log is read for mails, and how far it goes; NULL before the beginning.
SELECT accounts.account_id, mail_cursors.position, accounts.last_sequence FROM accounts
LEFT JOIN mail_cursors ON mail_cursors.account_id = accounts.account_id
ORDER BY accounts.account_id;

-- name: begin_mail_cursors!
-- Accounts that were there when mails were switched on begin with what comes then.
INSERT INTO mail_cursors (account_id, position)
SELECT account_id, CASE WHEN created_at <= CAST(:since AS BIGINT) THEN last_sequence ELSE 0 END
FROM accounts WHERE TRUE
ON CONFLICT (account_id) DO NOTHING;

-- name: move_mail_cursors*!
UPDATE mail_cursors SET position = :position WHERE account_id = :account_id;

-- name: insert_mails*!
-- One for each subject; what was skipped, and is true again, gets its chance again.
INSERT INTO mails (account_id, order_number, kind, shipment_number, sequence, message_id, status,
    tries, next_at, created_at)
VALUES (:account_id, :order_number, :kind, :shipment_number, :sequence, :message_id, 'waiting',
    0, :created_at, :created_at)
ON CONFLICT (account_id, order_number, kind, shipment_number) DO UPDATE
SET sequence = excluded.sequence, status = excluded.status, next_at = excluded.next_at,
    created_at = excluded.created_at, error = NULL
WHERE mails.status = 'skipped';

-- name: load_mails_waiting
-- For each account: the instant of the first, and how many there are, counted to a limit.
SELECT accounts.account_id,
    (SELECT mails.next_at FROM mails
        WHERE mails.account_id = accounts.account_id AND mails.next_at > 0
        ORDER BY mails.next_at LIMIT 1) AS first_at,
    (SELECT count(*) FROM (
        SELECT 1 FROM mails
        WHERE mails.account_id = accounts.account_id AND mails.next_at > 0 LIMIT :most
    ) AS counted) AS waiting
FROM accounts WHERE accounts.account_id ANY_OF(:account_ids);

-- name: load_mails_due
SELECT order_number, kind, shipment_number, message_id, tries, created_at FROM mails
WHERE account_id = :account_id AND next_at > 0 AND next_at <= :now
ORDER BY next_at, order_number LIMIT :most;

-- name: update_mail!
UPDATE mails SET status = :status, tries = :tries, next_at = :next_at, sent_at = :sent_at,
    error = :error
WHERE account_id = :account_id AND order_number = :order_number AND kind = :kind
    AND shipment_number = :shipment_number;

-- name: delete_mail!
DELETE FROM mails
WHERE account_id = :account_id AND order_number = :order_number AND kind = :kind
    AND shipment_number = :shipment_number;
