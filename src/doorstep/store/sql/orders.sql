-- name: order_numbers_of_order_ids
-- The internal numbers of the shop's own references.
SELECT order_id, order_number FROM orders
WHERE account_id = :account_id AND order_id ANY_OF(:order_ids);

-- name: order_numbers_of_items
SELECT item_number, order_number FROM order_items
WHERE account_id = :account_id AND item_number ANY_OF(:item_numbers);

-- name: order_numbers_of_shipments
SELECT shipment_number, order_number FROM shipments
WHERE account_id = :account_id AND shipment_number ANY_OF(:shipment_numbers);

-- name: load_orders
SELECT {whole_order} FROM orders
WHERE orders.account_id = :account_id AND orders.order_number ANY_OF(:order_numbers);

-- name: load_orders_called
-- By the shop's own references.
SELECT {whole_order} FROM orders
WHERE orders.account_id = :account_id AND orders.order_id ANY_OF(:order_ids);

-- name: load_order_with_item
SELECT {whole_order} FROM orders
WHERE orders.account_id = :account_id AND orders.order_number = (
    SELECT order_number FROM order_items
    WHERE account_id = :account_id AND item_number = :number
);

-- name: load_order_with_shipment
SELECT {whole_order} FROM orders
WHERE orders.account_id = :account_id AND orders.order_number = (
    SELECT order_number FROM shipments
    WHERE account_id = :account_id AND shipment_number = :number
);

-- name: load_tracked_order^
-- A tracking page's address names no account: each one's own index is asked.
SELECT accounts.account_id, {whole_order} FROM accounts
CROSS JOIN orders
WHERE orders.account_id = accounts.account_id AND orders.tracking_token = :tracking_token
LIMIT 1;

-- name: insert_orders*!
INSERT INTO orders (account_id, order_number, order_id, state, order_date, order_url, language,
    boarding_complete, promised_delivery_date, promised_by, recipient_version, tracking_token,
    request_hash, delayed_at, delayed_from, late_after, paid_at, created_at, updated_at)
VALUES (:account_id, :order_number, :order_id, :state, :order_date, :order_url, :language,
    :boarding_complete, :promised_delivery_date, :promised_by, :recipient_version,
    :tracking_token, :request_hash, :delayed_at, :delayed_from, :late_after, :paid_at,
    :created_at, :updated_at);

-- name: update_orders*!
UPDATE orders SET state = :state, order_date = :order_date, order_url = :order_url,
    language = :language, boarding_complete = :boarding_complete,
    promised_delivery_date = :promised_delivery_date, promised_by = :promised_by,
    recipient_version = :recipient_version,
    delayed_at = :delayed_at, delayed_from = :delayed_from, late_after = :late_after, paid_at = :paid_at,
    updated_at = :updated_at
WHERE account_id = :account_id AND order_number = :order_number;

-- name: delete_orders*!
DELETE FROM orders WHERE account_id = :account_id AND order_number = :order_number;

-- name: delete_mails*!
-- What was sent to the person, and what was still to be.
DELETE FROM mails WHERE account_id = :account_id AND order_number = :order_number;

-- name: insert_order_tags*!
INSERT INTO order_tags (account_id, order_number, tag, value)
VALUES (:account_id, :order_number, :tag, :value);

-- name: delete_order_tags*!
DELETE FROM order_tags WHERE account_id = :account_id AND order_number = :order_number;

-- name: insert_order_states*!
INSERT INTO order_states (account_id, order_number, entry, state, datetime, location)
VALUES (:account_id, :order_number, :entry, :state, :datetime, :location);

-- name: update_order_states*!
UPDATE order_states SET state = :state, datetime = :datetime, location = :location
WHERE account_id = :account_id AND order_number = :order_number AND entry = :entry;

-- name: delete_order_state*!
DELETE FROM order_states
WHERE account_id = :account_id AND order_number = :order_number AND entry = :entry;

-- name: delete_order_states*!
DELETE FROM order_states WHERE account_id = :account_id AND order_number = :order_number;

-- name: insert_recipients*!
INSERT INTO recipients (account_id, order_number, recipient_version, fields, contact_name,
    contact_email)
VALUES (:account_id, :order_number, :recipient_version, :fields, :contact_name, :contact_email);

-- name: erase_recipients*!
-- The versions stay, as events name them; the person is forgotten.
UPDATE recipients SET fields = NULL, contact_name = NULL, contact_email = NULL
WHERE account_id = :account_id AND order_number = :order_number;
