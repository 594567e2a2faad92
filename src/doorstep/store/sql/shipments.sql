-- name: insert_shipments*!
INSERT INTO shipments (account_id, order_number, shipment_number, tracking_code,
    reference_number, carrier_name, carrier_country, carrier, return_parcel, counted, trackable,
    planned_pickup_datetime, delivery_assumed_from, fields, recipient_version, created_at, status,
    delivered_at)
VALUES (:account_id, :order_number, :shipment_number, :tracking_code,
    :reference_number, :carrier_name, :carrier_country, :carrier, :return_parcel, :counted,
    :trackable, :planned_pickup_datetime, :delivery_assumed_from, :fields, :recipient_version, :created_at, :status,
    :delivered_at);

-- name: update_shipments*!
UPDATE shipments SET tracking_code = :tracking_code, reference_number = :reference_number,
    carrier_name = :carrier_name, carrier_country = :carrier_country, carrier = :carrier,
    return_parcel = :return_parcel, counted = :counted, trackable = :trackable,
    planned_pickup_datetime = :planned_pickup_datetime,
    delivery_assumed_from = :delivery_assumed_from, fields = :fields,
    recipient_version = :recipient_version, status = :status, delivered_at = :delivered_at
WHERE account_id = :account_id AND order_number = :order_number
    AND shipment_number = :shipment_number;

-- name: delete_shipment*!
DELETE FROM shipments
WHERE account_id = :account_id AND order_number = :order_number
    AND shipment_number = :shipment_number;

-- name: delete_shipments*!
DELETE FROM shipments WHERE account_id = :account_id AND order_number = :order_number;

-- name: load_shipment_names
-- Who bears these names, whatever the kind of name and the carrier.
SELECT kind, name, carrier, order_number, shipment_number FROM shipment_names
WHERE account_id = :account_id AND kind IN ('tracking_code', 'reference_number')
    AND name ANY_OF(:names);

-- name: put_shipment_names*!
INSERT INTO shipment_names (account_id, kind, name, carrier, order_number, shipment_number)
VALUES (:account_id, :kind, :name, :carrier, :order_number, :shipment_number)
ON CONFLICT (account_id, kind, name, carrier) DO UPDATE
SET order_number = excluded.order_number, shipment_number = excluded.shipment_number;

-- name: delete_shipment_names*!
-- Takes a name from the parcel that gives it up, if that one still bears it.
DELETE FROM shipment_names
WHERE account_id = :account_id AND kind = :kind AND name = :name AND carrier = :carrier
    AND shipment_number = :shipment_number;

-- name: restore_tracking_codes*!
-- Gives a name that was left behind to the newest parcel that still has it.
INSERT INTO shipment_names (account_id, kind, name, carrier, order_number, shipment_number)
SELECT account_id, 'tracking_code', tracking_code, carrier, order_number, shipment_number
FROM shipments
WHERE account_id = :account_id AND tracking_code = :name AND carrier = :carrier
ORDER BY shipment_number DESC LIMIT 1
ON CONFLICT (account_id, kind, name, carrier) DO NOTHING;

-- name: restore_reference_numbers*!
INSERT INTO shipment_names (account_id, kind, name, carrier, order_number, shipment_number)
SELECT account_id, 'reference_number', reference_number, '', order_number, shipment_number
FROM shipments
WHERE account_id = :account_id AND reference_number = :name
ORDER BY shipment_number DESC LIMIT 1
ON CONFLICT (account_id, kind, name, carrier) DO NOTHING;
