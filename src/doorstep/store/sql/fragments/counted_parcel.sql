-- Whether an order's state follows a `parcel`: one that was sent out, or of an order without such.
-- LIMIT, so that PostgreSQL looks at the order's parcels and not first at all.
    parcel.counted AND CASE WHEN parcel.return_parcel THEN NOT EXISTS (
        SELECT 1 FROM shipments
        WHERE shipments.account_id = :account_id
            AND shipments.order_number = parcel.order_number
            AND NOT shipments.return_parcel LIMIT 1 OFFSET 0
    ) ELSE TRUE END
