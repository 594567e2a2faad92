"""The dashboard: where the shop's own people find the orders that need them."""
