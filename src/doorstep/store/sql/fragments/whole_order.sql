-- The columns of an order with all that belongs to it, one row for each of `orders`: what
-- store/rows.py makes an Order of. Parts are JSON arrays of rows, as one statement costs an
-- eighth of eight and sees one moment by itself.
    orders.order_number, orders.order_id, orders.state, orders.order_date, orders.order_url,
    orders.language, orders.boarding_complete, orders.promised_delivery_date,
    orders.recipient_version, orders.tracking_token, orders.request_hash, orders.created_at,
    orders.updated_at, orders.delayed_at, orders.paid_at,
    (SELECT JSON_ROWS(tag, value) FROM (
        SELECT tag, value FROM order_tags
        WHERE account_id = orders.account_id AND order_number = orders.order_number
        ORDER BY tag
    ) AS tags),
    (SELECT JSON_ROWS(entry, state, datetime, location) FROM (
        SELECT entry, state, datetime, location FROM order_states
        WHERE account_id = orders.account_id AND order_number = orders.order_number
        ORDER BY entry
    ) AS states),
    (SELECT JSON_ROWS(item_number, status, fields) FROM (
        SELECT item_number, status, fields FROM order_items
        WHERE account_id = orders.account_id AND order_number = orders.order_number
        ORDER BY item_number
    ) AS items),
    (SELECT JSON_ROWS(shipment_number, tracking_code, reference_number, carrier_name,
        carrier_country, return_parcel, counted, trackable, planned_pickup_datetime, fields,
        recipient_version, created_at, status, delivered_at) FROM (
        SELECT * FROM shipments
        WHERE account_id = orders.account_id AND order_number = orders.order_number
        ORDER BY shipment_number
    ) AS parcels),
    (SELECT JSON_ROWS(shipment_number, update_number, status, datetime, utc_offset, location,
        description, retracts, recorded_at) FROM (
        SELECT * FROM carrier_updates
        WHERE account_id = orders.account_id AND order_number = orders.order_number
        ORDER BY shipment_number, update_number
    ) AS updates),
    (SELECT JSON_ROWS(recipient_version, fields) FROM (
        SELECT recipient_version, fields FROM recipients
        WHERE account_id = orders.account_id AND order_number = orders.order_number
            AND fields IS NOT NULL
        ORDER BY recipient_version
    ) AS persons)
