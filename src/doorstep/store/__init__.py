"""All SQL: loading orders, writing what happened to them, listing them."""
