-- name: logged_order_numbers
SELECT DISTINCT order_number FROM events
WHERE account_id = :account_id AND order_number > :after
ORDER BY order_number LIMIT :most;

-- name: unlogged_orders
SELECT order_number FROM orders
WHERE account_id = :account_id AND NOT EXISTS (
    SELECT 1 FROM events
    WHERE events.account_id = :account_id AND events.order_number = orders.order_number
);

-- name: load_derived
-- What is kept beside the orders only to find them faster.
SELECT order_number, promised_by, delayed_from, late_after FROM orders
WHERE account_id = :account_id AND order_number ANY_OF(:order_numbers);

-- name: load_derived_of_shipments
SELECT shipment_number, carrier, delivery_assumed_from FROM shipments
WHERE account_id = :account_id AND order_number ANY_OF(:order_numbers);

-- name: load_derived_of_recipients
SELECT order_number, recipient_version, contact_name, contact_email FROM recipients
WHERE account_id = :account_id AND order_number ANY_OF(:order_numbers);

-- name: misleading_names
-- Names that point to a parcel that does not bear them.
SELECT shipment_names.kind, shipment_names.name FROM shipment_names
LEFT JOIN shipments ON shipments.account_id = :account_id
    AND shipments.order_number = shipment_names.order_number
    AND shipments.shipment_number = shipment_names.shipment_number
WHERE shipment_names.account_id = :account_id AND (
    CASE shipment_names.kind
        WHEN 'tracking_code' THEN shipments.tracking_code ELSE shipments.reference_number
    END IS DISTINCT FROM shipment_names.name
    OR shipment_names.kind = 'tracking_code' AND shipments.carrier <> shipment_names.carrier
);

-- name: forgotten_recipients
-- Personal data that outlived its order.
SELECT order_number, recipient_version FROM recipients
WHERE account_id = :account_id
    AND (fields IS NOT NULL OR contact_name IS NOT NULL OR contact_email IS NOT NULL)
    AND NOT EXISTS (
    SELECT 1 FROM orders
    WHERE orders.account_id = :account_id AND orders.order_number = recipients.order_number
);

-- name: count_orders$
SELECT count(*) FROM orders WHERE account_id = :account_id;
