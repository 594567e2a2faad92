"""JSON over HTTP: the v2 API."""
