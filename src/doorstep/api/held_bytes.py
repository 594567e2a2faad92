"""The memory that all requests share for their bodies, and for answers that are not yet sent."""

from doorstep.service.group import QueueFull

FREE_BYTES = 16_384
"""Of each: an ordinary order is never refused for the large ones of others."""

MOST_HELD_BYTES = 64 * 1_048_576
"""Beyond what is free, of all together. What is made of a body takes some times its bytes."""


class MemoryFull(QueueFull):
    """What other requests hold leaves no room for a large one."""

    reason = "memory_full"
    detail = "Too much is held for other requests; try again shortly."


class HeldBytes:
    """How much is held at this moment."""

    def __init__(self) -> None:
        self._held = 0

    def grow(self, size: int, part: int) -> None:
        """Counts the part by which something has grown to `size` bytes. Raises MemoryFull.

        What is alone is never too large: other limits speak of that.
        """
        others = self._held - _counted(size - part)
        self._held += _counted(size) - _counted(size - part)
        if others and self._held > MOST_HELD_BYTES and size > FREE_BYTES:
            raise MemoryFull(f"{self._held} bytes would be held")

    def release(self, size: int) -> None:
        self._held -= _counted(size)


def _counted(size: int) -> int:
    return max(0, size - FREE_BYTES)
