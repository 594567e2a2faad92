"""A real PostgreSQL of the tests' own, that can be killed, copied and promoted."""

import contextlib
import secrets
import signal
import socket
from typing import Any

import psycopg
from psycopg import sql

from tests.postgres_home import Home
from tests.postgres_run import Run

# Below the ports that systems give to clients: while the server is down, none may take its port.
PORTS = range(20_000, 32_000)

SUPERUSER = "doorstep"

UNSAFE_BUT_FAST = {"fsync": "off", "full_page_writes": "off"}
"""Nothing is lost when processes are killed, only when the machine is."""

# Asked to take over while its connection breaks, a replica first waits as long as this: 5 seconds
# by default.
QUICK_PROMOTION = {"wal_retrieve_retry_interval": "100ms"}


class Postgres:
    """A server on 127.0.0.1 with a data directory of its own, running until `close`.

    `settings` are those of postgresql.conf. With a password it asks for it. `primary` is the
    server that it is to be a replica of.
    """

    def __init__(
        self, *, password: str = "", primary: "Postgres | None" = None, **settings: str
    ) -> None:
        self.port = free_port()
        self.password = password
        self.settings = {**UNSAFE_BUT_FAST, **settings}
        self._home = Home()
        self.folder = self._home.folder
        self._data = str(self.folder / "data")
        try:
            self._initialise() if primary is None else self._copy(primary)
            self.start()
        except BaseException:
            self._home.close()
            raise

    def __enter__(self) -> "Postgres":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def url(self, database: str = "postgres", user: str = SUPERUSER) -> str:
        password = f":{self.password}" if self.password else ""
        return f"postgresql://{user}{password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.url(database), autocommit=True)

    def create_database(self, name: str, template: str = "template1") -> str:
        """Returns its URL. Nobody may be connected to the template."""
        self._administer("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Whoever is still connected is thrown out."""
        self._administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def change(self, setting: str, value: str) -> None:
        """For a setting that needs no new start, and that the server was not started with."""
        with self.connect() as connection:
            alter = sql.SQL("ALTER SYSTEM SET {} = {}")
            connection.execute(alter.format(sql.Identifier(setting), sql.Literal(value)))
            connection.execute("SELECT pg_reload_conf()")

    def start(self) -> None:
        """Returns when it accepts connections."""
        listening = {"listen_addresses": "127.0.0.1", "port": str(self.port)}
        settings = {**listening, "unix_socket_directories": "", **self.settings}
        options = [part for name in settings for part in ("-c", f"{name}={settings[name]}")]
        self._run = Run(self._home.start("postgres", "-D", self._data, *options))

    def log(self) -> str:
        """What the server has said since its start."""
        return "".join(self._run.log)

    def wait_for(self, text: str) -> None:
        """Until the server has said the text since its start."""
        self._run.wait_for(text)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: fast, in order; SIGQUIT: at once, to recover at the next start."""
        self._run.stop(how)

    def kill(self) -> None:
        """Every process of the server, by SIGKILL; returns when all have gone."""
        self._run.kill()

    def restart(self) -> None:
        """On the same port."""
        self.stop()
        self.start()

    def replica(self, **settings: str) -> "Postgres":
        """A synchronous one: each commit here then waits until it is flushed there."""
        settings = {**self.settings, **QUICK_PROMOTION, **settings}
        made = Postgres(password=self.password, primary=self, **settings)
        self.wait_for("is now a synchronous standby")
        return made

    def promote(self) -> None:
        """Makes a replica a primary; returns when it accepts writes."""
        self._home.run("pg_ctl", "promote", "-w", "-D", self._data)

    def close(self) -> None:
        if self._run.is_over():
            # A killed one has left its number behind, which may be another's by now.
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        else:
            self.stop(signal.SIGQUIT)
        self._home.close()

    def _initialise(self) -> None:
        options = ["--encoding=UTF8", "--locale=C", "--no-sync", f"--username={SUPERUSER}"]
        if self.password:
            file = self._home.write("password", self.password)
            options += [f"--pwfile={file}", "--auth=scram-sha-256"]
        else:
            options += ["--auth=trust"]
        self._home.run("initdb", "-D", self._data, *options)

    def _copy(self, primary: "Postgres") -> None:
        options = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]
        self._home.run("pg_basebackup", "-d", primary.url(), "-D", self._data, *options)
        # Before the replica starts: one that streams already is taken at its next message, 10
        # seconds later. Not before the copy, which would have the setting too.
        primary.change("synchronous_standby_names", "*")

    def _administer(self, statement: str, *names: str) -> None:
        with self.connect() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def free_port() -> int:
    while True:
        port = secrets.choice(PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
