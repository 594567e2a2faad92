-- name: insert_order_items*!
INSERT INTO order_items (account_id, order_number, item_number, status, fields)
VALUES (:account_id, :order_number, :item_number, :status, :fields);

-- name: update_order_items*!
UPDATE order_items SET status = :status, fields = :fields
WHERE account_id = :account_id AND order_number = :order_number AND item_number = :item_number;

-- name: delete_order_item*!
DELETE FROM order_items
WHERE account_id = :account_id AND order_number = :order_number AND item_number = :item_number;

-- name: delete_order_items*!
DELETE FROM order_items WHERE account_id = :account_id AND order_number = :order_number;
