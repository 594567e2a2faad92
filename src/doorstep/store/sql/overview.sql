-- name: count_ordered_between
SELECT count(*) FROM (
    SELECT 1 FROM orders
    WHERE account_id = :account_id AND order_date BETWEEN :first AND :last LIMIT :most
) AS counted;

-- name: count_in_state
SELECT count(*) FROM (
    SELECT 1 FROM orders WHERE account_id = :account_id AND state = :state LIMIT :most
) AS counted;

-- name: passed_promises
-- Those that passed last, by what became of their orders.
SELECT state, delayed_from < :now, count(*) FROM (
    SELECT state, delayed_from FROM orders
    WHERE account_id = :account_id AND promised_by >= :since AND promised_by < :now
    ORDER BY promised_by DESC LIMIT :most
) AS passed
GROUP BY 1, 2;

-- name: count_ever_delayed
SELECT count(*) FROM (
    SELECT 1 FROM orders WHERE account_id = :account_id AND delayed_from < :now LIMIT :most
) AS counted;

-- name: delayed_by_state
SELECT state, count(*) FROM (
    SELECT state FROM orders WHERE account_id = :account_id AND delayed_from < :now LIMIT :most
) AS found
GROUP BY state;

-- name: count_delayed_in_state
-- Among the oldest orders of a state.
SELECT count(*) FROM (
    SELECT delayed_from FROM orders WHERE account_id = :account_id AND state = :state
    ORDER BY order_number LIMIT :most
) AS found
WHERE delayed_from < :now;

-- name: parcels_without_news
-- Parcels on their way of which nothing was heard since, those silent for longest first, and how
-- many there are. Counted parcels of open orders are those of the shipped ones.
SELECT silent.parcels, silent.order_number, orders.order_id, silent.tracking_code,
    silent.carrier_name, silent.silent_since
FROM (
    SELECT count(*) OVER () AS parcels, order_number, shipment_number, tracking_code, carrier_name,
        silent_since
    FROM (
        SELECT shipments.order_number, shipments.shipment_number, shipments.tracking_code,
            shipments.carrier_name, shipments.counted, shipments.return_parcel,
            coalesce((
                SELECT max(datetime) FROM carrier_updates
                WHERE carrier_updates.account_id = :account_id
                    AND carrier_updates.order_number = shipments.order_number
                    AND carrier_updates.shipment_number = shipments.shipment_number
            ), shipments.created_at) AS silent_since
        FROM (
            SELECT order_number FROM orders WHERE account_id = :account_id AND state = 'shipped'
            ORDER BY order_number LIMIT :most
        ) AS oldest
        CROSS JOIN shipments
        WHERE shipments.account_id = :account_id
            AND shipments.order_number = oldest.order_number
            AND shipments.status NOT IN ('delivered', 'returned_to_sender', 'lost')
    ) AS parcel
    WHERE silent_since < :before AND {counted_parcel}
    ORDER BY silent_since, shipment_number LIMIT :listed
) AS silent
CROSS JOIN orders
WHERE orders.account_id = :account_id AND orders.order_number = silent.order_number
ORDER BY silent.silent_since, silent.shipment_number;

-- name: count_delivered
SELECT count(*) FROM (
    SELECT 1 FROM shipments WHERE account_id = :account_id AND status = 'delivered' LIMIT :most
) AS counted;

-- name: newest_deliveries
-- How long parcels took that were delivered since: from the carrier's first scan not retracted, else
-- from their creation. Of one that nobody scans it is only assumed, and one whose delivery comes
-- before all that tells nothing.
SELECT carrier, delivered_at - begun_at FROM (
    SELECT newest.carrier, newest.delivered_at, newest.order_number, newest.counted,
        newest.return_parcel,
        coalesce((
            SELECT min(datetime) FROM carrier_updates
            WHERE carrier_updates.account_id = :account_id
                AND carrier_updates.order_number = newest.order_number
                AND carrier_updates.shipment_number = newest.shipment_number
                AND carrier_updates.status NOT IN ('new', 'info', 'delivered')
                AND NOT EXISTS (
                    SELECT 1 FROM carrier_updates AS later
                    WHERE later.account_id = :account_id
                        AND later.order_number = newest.order_number
                        AND later.shipment_number = newest.shipment_number
                        AND later.retracts = carrier_updates.update_number LIMIT 1 OFFSET 0
                )
        ), newest.created_at) AS begun_at
    FROM (
        SELECT * FROM shipments WHERE account_id = :account_id AND status = 'delivered'
        ORDER BY shipment_number DESC LIMIT :most
    ) AS newest
    WHERE newest.delivered_at BETWEEN :since AND :now AND newest.trackable
) AS parcel
WHERE delivered_at >= begun_at AND {counted_parcel};
