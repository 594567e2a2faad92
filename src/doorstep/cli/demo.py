"""`doorstep demo`."""

import os
import signal
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import replace
from typing import Annotated

from cyclopts import Parameter, validators

from doorstep import starting
from doorstep.cli.commands import Mistake, errors
from doorstep.cli.progress import progress_bar
from doorstep.cli.running import settings_of
from doorstep.client import Client, DoorstepError
from doorstep.clock import now
from doorstep.demo.journeys import JOURNEYS
from doorstep.demo.shop import Shop, Unplanned
from doorstep.service import access, accounts
from doorstep.store.store import Store

MOST_ORDERS = 100_000


def demo(
    *,
    orders: Annotated[
        int,
        Parameter(
            help="How many orders to simulate.",
            validator=validators.Number(gte=len(JOURNEYS), lte=MOST_ORDERS),
        ),
    ] = 300,
    seed: Annotated[int, Parameter(help="The same seed makes the same orders.")] = 1,
    seconds_between_updates: Annotated[
        float,
        Parameter(
            help="Seconds until the next parcel moves.",
            validator=validators.Number(gt=0, lte=threading.TIMEOUT_MAX),
        ),
    ] = 3.0,
    host: Annotated[str | None, Parameter(help="The address to listen on.")] = None,
    port: Annotated[str | None, Parameter(help="The port to listen on.")] = None,
    database: Annotated[
        str | None, Parameter(help="An empty database's URL; a temporary one by default.")
    ] = None,
    once: Annotated[bool, Parameter(negative="", help="End once the orders are there.")] = False,
) -> int:
    """Serve a simulated shop whose parcels move while one watches, until told to stop."""
    with ExitStack() as opened:
        if database is None:
            folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="doorstep-demo-"))
            database = f"sqlite:///{folder}/doorstep.db"
        settings = settings_of(
            host=host, port=port, processes="1", database=database, log_level="warning"
        )
        simulation = _Simulation(orders, seed, None if once else seconds_between_updates)
        # The simulation calls the address that it listens on, not one that a proxy would serve.
        local = replace(settings, public_url=None)
        return starting.serve(local, simulation.prepare, simulation.start) or simulation.end()


class _Simulation:
    """Runs beside the server, in a thread of its own."""

    def __init__(self, orders: int, seed: int, seconds_between_updates: float | None) -> None:
        self._orders = orders
        self._seed = seed
        self._seconds_between_updates = seconds_between_updates
        self._access_key = ""
        self._stopped = threading.Event()
        self._failure: Exception | None = None

    async def prepare(self, store: Store, base_url: str) -> None:
        """Raises Mistake where the database has accounts."""
        account = await accounts.create_first_account(store, "Demo shop", now())
        if account is None:
            raise Mistake("The demo needs an empty database; this one has accounts already.")
        made = await access.create_access_key(store, account.account_id, "full", now())
        self._access_key = made[1]

    def start(self, base_url: str) -> None:
        # A daemon, as it may be within a call when the server ends.
        threading.Thread(target=self._run, args=(base_url,), daemon=True).start()

    def end(self) -> int:
        """The exit code."""
        self._stopped.set()
        # The progress bar hides it, and its thread may end with the process.
        errors.show_cursor()
        if self._failure is not None:
            errors.print(f"doorstep: The demo ended: {self._failure}.", markup=False)
            return 1
        return 0

    def _run(self, base_url: str) -> None:
        try:
            with Client(base_url, self._access_key) as client:
                self._simulate(Shop(client, self._seed), base_url)
        except (DoorstepError, Unplanned) as failure:
            self._failure = failure
        finally:
            if not self._stopped.is_set():
                os.kill(os.getpid(), signal.SIGTERM)

    def _simulate(self, shop: Shop, base_url: str) -> None:
        with progress_bar("Simulating a shop", is_silent=False) as report:
            shop.fill(self._orders, report)
        print(f"Dashboard                 {base_url}/")
        print(f"Access key                {self._access_key}")
        print(f"API                       {base_url}/v2")
        for shown, url in shop.tracking_pages.items():
            print(f"{f'Tracking page, {shown}':<25} {url}")
        if self._seconds_between_updates is None:
            print(end="", flush=True)
            return
        print("Parcels move by themselves; Ctrl-C ends the demo.", flush=True)
        while not self._stopped.wait(self._seconds_between_updates):
            print(shop.move_a_parcel(), flush=True)
