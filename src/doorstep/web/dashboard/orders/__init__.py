"""The list of orders, as pages and as a file: `/dashboard/orders`."""
