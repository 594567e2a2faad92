"""The memory that all requests share for their bodies, those that arrive and those that wait."""

from doorstep.service.group import QueueFull

FREE_BYTES = 16_384
"""Of each body: an ordinary order is never refused for the large ones of others."""

MOST_HELD_BYTES = 64 * 1_048_576
"""Beyond what is free, of all bodies. What is made of a body takes some times its bytes."""


class HeldBodies:
    """How much is held at this moment; a body is counted until its request is answered."""

    def __init__(self) -> None:
        self._held = 0

    def grow(self, size: int, part: int) -> None:
        """Counts the part by which a body has grown to `size` bytes. Raises QueueFull."""
        self._held += _counted(size) - _counted(size - part)
        if self._held > MOST_HELD_BYTES and size > FREE_BYTES:
            raise QueueFull("the bodies of all requests together are too large")

    def release(self, size: int) -> None:
        self._held -= _counted(size)


def _counted(size: int) -> int:
    return max(0, size - FREE_BYTES)
