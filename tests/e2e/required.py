"""What some tests need of the machine."""

import os
import shutil

import pytest


def require(possible: bool, what: str) -> None:
    """Skips loudly where something is not possible; on CI, where all must be, that fails."""
    if possible:
        return
    reason = f"NOT POSSIBLE HERE, SO NOT TESTED: {what}"
    if "CI" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)


def require_strace() -> None:
    require(shutil.which("strace") is not None, "strace (install it with the package manager)")
