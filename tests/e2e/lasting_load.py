"""Clients that go on through whatever happens to a server, each certain of its own orders.

What is cut off is tried again until it succeeds; then it has to be there once, and whole.
"""

import json
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from http import HTTPStatus
from itertools import count
from random import Random
from typing import NamedTuple

import httpx

from tests.e2e.mixed_load import Doubt, Ledger, Step, life, outline
from tests.e2e.promises import check, clear_up
from tests.e2e.signed_in import signed_in, stored_order

SECONDS_BETWEEN_TRIES = 0.05
MOST_SECONDS_DOWN = 60


class Unavailable(Exception):
    """A 503, which says when to come again."""


class Write(NamedTuple):
    """An acknowledged one, in seconds of the machine's clock."""

    client: str
    sent_at: float
    answered_at: float


class Load:
    """As many clients as asked for, until `stop`, on the server at `url`, which may change."""

    def __init__(self, url: str, access_key: str, round_name: str, clients: int) -> None:
        self.url = url
        self.access_key = access_key
        self.round_name = round_name
        self.refused = 0
        self.lost = 0
        self.seen_may_go = False
        """Whether what a server shows may go with it, as none of it was acknowledged."""
        self.stopping = threading.Event()
        self._writes: list[Write] = []
        self._written = threading.Condition()
        self._clients = [Client(self, f"{round_name}-{number}") for number in range(clients)]
        self._threads = ThreadPoolExecutor(clients)
        self._running: list[Future[Ledger]] = []

    def __enter__(self) -> "Load":
        self._running = [self._threads.submit(client.run) for client in self._clients]
        return self

    def __exit__(self, *raised: object) -> None:
        self.stopping.set()
        self._threads.shutdown()

    @property
    def acknowledged(self) -> int:
        return len(self._writes)

    def written_since(self, moment: float) -> int:
        """How many writes that were sent later were acknowledged."""
        return sum(write.sent_at > moment for write in self._writes)

    def note(self, write: Write) -> None:
        with self._written:
            self._writes.append(write)
            self._written.notify_all()

    def until_all_write(self, since: float) -> float:
        """Waits until each client had a later write answered; when the first answer came."""

        def later() -> list[Write]:
            return [write for write in self._writes if write.sent_at > since]

        def is_over() -> bool:
            failed = any(client.done() for client in self._running)
            return failed or len({write.client for write in later()}) == len(self._clients)

        with self._written:
            assert self._written.wait_for(is_over, MOST_SECONDS_DOWN), "it did not heal"
        self._raise_failures()
        return min(write.answered_at for write in later())

    def stop(self) -> list[Ledger]:
        """What the clients know at their end."""
        self.stopping.set()
        return [client.result() for client in self._running]

    def settle(self) -> None:
        """Stops, and compares all orders with what the clients were answered."""
        ledgers = self.stop()
        with signed_in(self.url, self.access_key) as http:
            check(http, self.round_name, ledgers)

    def _raise_failures(self) -> None:
        for client in self._running:
            if client.done():
                client.result()


class Client:
    """One of them, with orders and a connection of its own."""

    def __init__(self, load: Load, name: str) -> None:
        self._load = load
        self._name = name
        self._ledger = Ledger()
        self._connection = ExitStack()
        self._http: httpx.Client | None = None

    def run(self) -> Ledger:
        chance = Random(self._name)
        with self._connection:
            for number in count():
                if self._load.stopping.is_set():
                    break
                self._live(f"{self._name}-{number}", chance)
        return self._ledger

    def _live(self, name: str, chance: Random) -> None:
        writing = life(name, self._load.round_name, chance)
        step: Step | None = next(writing)
        while step is not None and not self._load.stopping.is_set():
            self._ledger.doubt = Doubt(name, step)
            self._write(step)
            try:
                step = writing.send(self._ledger.orders[name])  # type: ignore[arg-type]
            except StopIteration:
                step = None

    def _write(self, step: Step) -> None:
        """Until it is acknowledged."""
        began = time.monotonic()
        do = self._first_try
        while time.monotonic() < began + MOST_SECONDS_DOWN:
            sent_at = time.monotonic()
            try:
                do(self._connected())
            except Unavailable:
                self._load.refused += 1
            except httpx.TransportError:
                self._load.lost += 1
            else:
                self._load.note(Write(self._name, sent_at, time.monotonic()))
                return
            do = self._another_try
            # Not to wait for anything: not to keep the machine from healing.
            time.sleep(SECONDS_BETWEEN_TRIES)
        raise AssertionError(f"it did not heal: {step}")

    def _first_try(self, http: httpx.Client) -> None:
        doubt = self._ledger.doubt
        assert doubt is not None
        name, step, _ = doubt
        answer = step.send(http)
        assert answer.is_success, (step, answer.status_code, answer.text)
        self._ledger.doubt = Doubt(name, step, answer)
        order = self._ledger.orders[name] = stored_order(http, name)
        assert outline(order) == step.outlines[-1], (step, order)
        self._ledger.doubt = None

    def _another_try(self, http: httpx.Client) -> None:
        clear_up(http, self._ledger, seen_may_go=self._load.seen_may_go)

    def _connected(self) -> httpx.Client:
        if self._http is None:
            hooks = {"response": [raise_unavailable]}
            signed = signed_in(self._load.url, self._load.access_key, event_hooks=hooks)
            self._http = self._connection.enter_context(signed)
        # The token is good for every server of the database.
        self._http.base_url = self._load.url
        return self._http


def raise_unavailable(answer: httpx.Response) -> None:
    """Also where only an entry of an array could not be written."""
    if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        assert int(answer.headers["Retry-After"]) > 0
        raise Unavailable
    if answer.request.method == "POST" and answer.status_code == HTTPStatus.OK:
        entries = json.loads(answer.read())
        if isinstance(entries, list) and any(entry["status"] == 503 for entry in entries):
            raise Unavailable
