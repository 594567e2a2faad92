"""The dashboard's settings: what the shop is, and who may speak with it."""
