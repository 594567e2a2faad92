"""One run of a PostgreSQL server, from its start to the end of its last process."""

import contextlib
import signal
import subprocess
import threading

import psutil

READY = "database system is ready to accept"


class Run:
    """A started server; it is made when that accepts connections. `log` holds its lines."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.log: list[str] = []
        self._process = process
        self._changed = threading.Condition()
        self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.wait_for(READY)
        except AssertionError:
            self._join()
            raise

    def wait_for(self, text: str) -> None:
        """Until it has logged the text."""

        def is_logged() -> bool:
            return any(text in line for line in self.log)

        with self._changed:
            self._changed.wait_for(lambda: is_logged() or self._over)
            assert is_logged(), f"PostgreSQL ended without {text!r}:\n{''.join(self.log)}"

    def is_over(self) -> bool:
        return self._process.poll() is not None

    def stop(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        self._join()

    def kill(self) -> None:
        """Every process of the server; returns when all have gone."""
        postmaster = psutil.Process(self._process.pid)
        postmaster.suspend()  # so that it starts no others
        for process in [*postmaster.children(recursive=True), postmaster]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        # It ends with the last of the server's processes, as all of them hold the other end.
        with self._process.stdout as lines:
            for line in lines:
                with self._changed:
                    self.log.append(line)
                    self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def _join(self) -> None:
        self._reader.join()
        self._process.wait()
