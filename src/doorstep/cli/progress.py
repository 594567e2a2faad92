"""How far something has come, for who waits at a terminal."""

import contextlib
from collections.abc import Callable, Iterator

from rich.progress import Progress

from doorstep.cli.commands import errors


@contextlib.contextmanager
def progress_bar(what: str, is_silent: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal's standard error; the function takes what is done, and of how much."""
    is_seen = errors.is_terminal and not is_silent
    with Progress(console=errors, transient=True, disable=not is_seen) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
