"""The life of an order: pure, without clock, socket or setting."""
