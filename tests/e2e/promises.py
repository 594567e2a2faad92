"""What clients were promised, compared with what a later server of the same database shows."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import TypeAlias

import httpx

from tests.conftest import Server, doorstep, url_of
from tests.e2e.mixed_load import GONE, Ledger, outline, run_client
from tests.e2e.signed_in import signed_in, stored_order, without_address

CLIENTS = range(8, 17)

Rounds: TypeAlias = dict[str, list[Ledger]]
"""The ledgers of each round of load, by its name."""

End: TypeAlias = Callable[[Server, threading.Semaphore, Random], None]
"""Ends a server under load; there is a release for each acknowledged write."""


def loaded(
    server: Server, access_key: str, round_name: str, end: End, chance: Random
) -> list[Ledger]:
    """What the clients know of a server that was ended under their load."""
    acknowledged = threading.Semaphore(0)
    count = chance.choice(CLIENTS)
    with ThreadPoolExecutor(count) as clients:
        names = [f"R{round_name}-{number}" for number in range(count)]
        running = [
            clients.submit(
                run_client, server.url, access_key, name, round_name, acknowledged.release
            )
            for name in names
        ]
        try:
            end(server, acknowledged, chance)
        finally:
            server.process.kill()
    return [client.result() for client in running]


def verify(database: Path | str) -> str:
    checked = doorstep("verify", "--database", url_of(database))
    assert checked.stdout.endswith(" 0 faults\n"), checked
    return checked.stdout


def clear_up(http: httpx.Client, ledger: Ledger, *, seen_may_go: bool = False) -> None:
    """The write that was cut off is wholly there or not at all; tried again, it is there once.

    `seen_may_go` where the server that shows it may be lost before it has it on its replica: then
    it may be gone when it is tried again, and is done anew.
    """
    if ledger.doubt is None:
        return
    name, step, answer = ledger.doubt
    whole = step.outlines[-1]
    found = stored_order(http, name)
    was_done = outline(found) == whole
    assert was_done or answer is None, f"acknowledged, but not there: {ledger.doubt}, {found}"
    again = step.send(http)
    order = ledger.orders[name] = stored_order(http, name)
    assert outline(order) == whole, (ledger.doubt, order)
    if seen_may_go and was_done:
        was_done = order == found and (step.method != "DELETE" or again.status_code == 404)
    if was_done:
        before, after = found or {}, order or {}
        changed = [(key, before.get(key), after.get(key)) for key in before.keys() | after.keys()]
        changed = [each for each in changed if each[1] != each[2]]
        assert order == found, (ledger.doubt, changed)
    if step.method == "DELETE" and was_done:
        assert again.status_code == 404
    else:
        assert again.is_success, (ledger.doubt, again.text)
    if step.method == "POST" and len(step.outlines) == 1:
        is_known = again.status_code == 200 or "Idempotent-Replayed" in again.headers
        assert is_known == was_done, (ledger.doubt, again.headers)
    if answer is not None and step.key is not None:
        assert again.json() == answer.json()
    ledger.doubt = None


def check(http: httpx.Client, round_name: str, ledgers: list[Ledger]) -> None:
    """Every order of a round is as its client was shown it last, but for the write in doubt."""
    listed = http.get("/v2/orders", params={"order_tags[round]": round_name}).json()
    found = {order["order_id"]: without_address(order) for order in listed}
    for ledger in ledgers:
        doubt = ledger.doubt
        if doubt is not None:
            there = found.pop(doubt.name, GONE)
            is_untouched = there == ledger.orders.pop(doubt.name, GONE)
            assert is_untouched or outline(there) in doubt.step.outlines, (doubt, there)
        for name, shown in ledger.orders.items():
            there = found.pop(name, GONE)
            assert there == shown, f"{name} was acknowledged as {shown}, and is {there}"
    assert not found, f"nobody asked for {list(found)}"


def settle(server: Server, access_key: str, rounds: Rounds) -> None:
    """Compares what a new server shows with what was promised by those that were killed."""
    with signed_in(server.url, access_key) as http:
        for name, ledgers in rounds.items():
            check(http, name, ledgers)
            for ledger in ledgers:
                clear_up(http, ledger)
