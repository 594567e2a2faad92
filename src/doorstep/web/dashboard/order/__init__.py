"""Everything there is on one order: `/dashboard/orders/{order_number}`."""
