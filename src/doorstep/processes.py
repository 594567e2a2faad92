"""Several processes on one port: a parent that starts them, replaces dead ones, ends them in order.

The parent serves nothing. It runs no thread, has no connection open, and waits for signals.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, NoReturn, TypeAlias

from doorstep.roster import Roster

log = logging.getLogger(__name__)

MOST_DEATHS = 10
SECONDS_OF_DEATHS = 60.0
"""More deaths than that within so long: what is wrong will not go away by starting again."""

SECONDS_TO_END = 9.0
"""More than requests may take to finish, and below the ten after which supervisors kill."""

EXIT_TOO_MANY_DEATHS = 70
AWAITED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}
SERVES = b"."

Work: TypeAlias = Callable[[int, socket.socket, socket.socket], None]
"""What a process does: given its place, the socket it serves and its lifeline.

It calls `tell_parent` with its lifeline once it serves, and ends in order at SIGTERM.
"""


def tell_parent(lifeline: socket.socket, when_orphaned: Callable[[], None]) -> None:
    """That this process serves. `when_orphaned` is called if the parent goes without ending it."""
    loop = asyncio.get_running_loop()

    def read_end() -> None:
        loop.remove_reader(lifeline)
        when_orphaned()

    loop.add_reader(lifeline, read_end)
    with contextlib.suppress(BrokenPipeError):
        lifeline.send(SERVES)


def hold_signals() -> None:
    """From here on signals are only taken by `Processes.run`, one by one, between its steps.

    Called before anything starts a thread: one that is about to end, even one that was joined,
    would take a signal that is held from all others, and the process would die of it.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)


@dataclass
class Child:
    place: int
    lifeline: socket.socket
    serves: bool = False


class Death(NamedTuple):
    pid: int
    place: int
    exit_code: int
    """Negative: the number of the signal that killed it."""

    @property
    def how(self) -> str:
        if self.exit_code < 0:
            # Those of real time have no name.
            named = {one.value: one.name for one in signal.Signals}
            return named.get(-self.exit_code, f"signal {-self.exit_code}")
        return f"exit code {self.exit_code}"


class Processes:
    """One process for each of the sockets."""

    def __init__(self, sockets: list[socket.socket], roster: Roster, work: Work) -> None:
        self._sockets = sockets
        self._roster = roster
        self._work = work
        self._children: dict[int, Child] = {}
        self._died_at: deque[float] = deque(maxlen=MOST_DEATHS + 1)

    def run(self, announce: Callable[[], None]) -> int:
        """Until SIGTERM or SIGINT, or until too many have died; the exit code.

        `hold_signals` was called before. `announce` is called when all of them serve for the first
        time.
        """
        try:
            for place in range(len(self._sockets)):
                self._start(place)
            is_announced = False
            while True:
                if not is_announced and self._all_serve():
                    is_announced = True
                    announce()
                if signal.sigwait(AWAITED) != signal.SIGCHLD:
                    return 0
                if not self._replace_dead():
                    return EXIT_TOO_MANY_DEATHS
        finally:
            self._end()

    def _start(self, place: int) -> None:
        mine, its = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            mine.close()
            self._become_child(place, its)
        its.close()
        self._children[pid] = Child(place, mine)
        self._roster.enter(place, pid)

    def _become_child(self, place: int, lifeline: socket.socket) -> NoReturn:
        exit_code = 1
        try:
            for other in self._children.values():
                other.lifeline.close()
            for number, listening in enumerate(self._sockets):
                if number != place:
                    listening.close()
            # A terminal tells all of them, and then the parent would tell them once more.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, AWAITED)
            self._work(place, self._sockets[place], lifeline)
            exit_code = 0
        except BaseException:
            log.exception("a process failed")
        finally:
            os._exit(exit_code)

    def _all_serve(self) -> bool:
        for child in self._children.values():
            # It comes at once: nothing that takes long is between a start and its end.
            child.serves = child.serves or bool(child.lifeline.recv(len(SERVES)))
        return all(child.serves for child in self._children.values())

    def _replace_dead(self) -> bool:
        """Whether to go on: not when too many have died."""
        for death in self._bury():
            log.error("a process ended unasked", extra={"ended_pid": death.pid, "by": death.how})
            self._roster.note_death()
            self._died_at.append(time.monotonic())
            recently = self._died_at[-1] - self._died_at[0] <= SECONDS_OF_DEATHS
            if len(self._died_at) > MOST_DEATHS and recently:
                log.critical(
                    "more than %d processes ended within %d seconds: giving up",
                    MOST_DEATHS,
                    SECONDS_OF_DEATHS,
                )
                return False
            self._start(death.place)
        return True

    def _bury(self) -> list[Death]:
        """Who has ended since the last time."""
        dead = []
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            # The first process of a container is given the orphans of others, too.
            child = self._children.pop(pid, None)
            if child is not None:
                child.lifeline.close()
                self._roster.leave(child.place)
                dead.append(Death(pid, child.place, os.waitstatus_to_exitcode(status)))
        return dead

    def _end(self) -> None:
        """Ends all that still run: in order, and those that take too long at once."""
        for listening in self._sockets:
            listening.close()
        self._signal(signal.SIGTERM)
        until = time.monotonic() + SECONDS_TO_END
        while self._children:
            left = until - time.monotonic()
            if left <= 0:
                self._signal(signal.SIGKILL)
            signal.sigtimedwait({signal.SIGCHLD}, left if left > 0 else SECONDS_TO_END)
            self._bury()

    def _signal(self, how: signal.Signals) -> None:
        for pid in self._children:
            os.kill(pid, how)
