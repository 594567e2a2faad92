-- name: insert_carrier_updates*!
INSERT INTO carrier_updates (account_id, order_number, shipment_number, update_number, status,
    datetime, utc_offset, location, description, retracts, recorded_at)
VALUES (:account_id, :order_number, :shipment_number, :update_number, :status,
    :datetime, :utc_offset, :location, :description, :retracts, :recorded_at);

-- name: delete_carrier_updates*!
DELETE FROM carrier_updates WHERE account_id = :account_id AND order_number = :order_number;

-- name: delete_carrier_updates_of_shipment*!
DELETE FROM carrier_updates
WHERE account_id = :account_id AND order_number = :order_number
    AND shipment_number = :shipment_number;

-- name: load_early_by_tracking_code
-- Held, as an update with two names may be wanted by two processes for a parcel of each name.
SELECT update_number, tracking_code, carrier, reference_number, carrier_update, recorded_at
FROM early_carrier_updates
WHERE account_id = :account_id AND tracking_code ANY_OF(:names) FOR_UPDATE;

-- name: load_early_by_reference_number
SELECT update_number, tracking_code, carrier, reference_number, carrier_update, recorded_at
FROM early_carrier_updates
WHERE account_id = :account_id AND reference_number ANY_OF(:names) FOR_UPDATE;

-- name: count_early$
-- Counts those that still wait, no further than the limit that is asked about.
SELECT count(*) FROM (
    SELECT 1 FROM early_carrier_updates
    WHERE account_id = :account_id AND recorded_at > :after LIMIT :most
) AS counted;

-- name: insert_early*!
INSERT INTO early_carrier_updates (account_id, update_number, tracking_code, carrier,
    reference_number, carrier_update, recorded_at)
VALUES (:account_id, :update_number, :tracking_code, :carrier,
    :reference_number, :carrier_update, :recorded_at);

-- name: delete_early*!
DELETE FROM early_carrier_updates
WHERE account_id = :account_id AND update_number = :update_number;

-- name: delete_expired_early!
DELETE FROM early_carrier_updates
WHERE account_id = :account_id AND update_number IN (
    SELECT update_number FROM early_carrier_updates
    WHERE account_id = :account_id AND recorded_at < :before LIMIT 500
);
