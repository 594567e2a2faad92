"""doorstep: a self-hosted order-lifecycle service."""

__version__ = "0.1.0"
