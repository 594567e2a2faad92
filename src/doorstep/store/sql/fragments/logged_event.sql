account_id, sequence, order_number, order_id, type, occurred_at, recorded_at, data
