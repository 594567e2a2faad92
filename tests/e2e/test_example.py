"""`examples/order_workflow.py` as a process against a real server process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Server, clean_environment

EXAMPLE = Path(__file__).parents[2] / "examples" / "order_workflow.py"


def run(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, str(EXAMPLE), *arguments],
        capture_output=True,
        text=True,
        env={**clean_environment(), **environ},
        timeout=60,
    )


def steps(printed: str) -> list[tuple[str, Any]]:
    """Each step's title with the JSON below it."""
    found = []
    for part in printed.strip().split("\n\nStep "):
        title, _, text = part.partition("\n")
        found.append((title.removeprefix("Step "), json.loads(text)))
    return found


@pytest.mark.parametrize("by", ["arguments", "environment"])
def test_the_six_steps(server: Server, access_key: str, by: str) -> None:
    if by == "arguments":
        ran = run(server.url, access_key)
    else:
        ran = run(DOORSTEP_URL=f"{server.url}/v2", DOORSTEP_ACCESS_KEY=access_key)
    assert (ran.returncode, ran.stderr) == (0, "")
    printed = steps(ran.stdout)
    titles = [title for title, _ in printed]
    assert [title.split(":")[0] for title in titles] == (
        ["1", "2", "2.1", "2.2", "2.2", "2.2", "3", "3", "3", "4", "5", "5", "5", "6"]
    )
    answers = dict(printed)
    (account,) = [answer for title, answer in printed if title.startswith("1:")]
    assert account["name"] == "Shop"
    created = answers["2: Create an order"]
    assert (created["state"], created["replayed"]) == ("new", False)
    assert answers["2.1: Order items"]["shop_order_id"] == created["order_id"]
    assert answers["2.2: Order status paid"]["state"] == "paid"
    assert answers["3: The order after its shipments"]["state"] == "shipped"
    boarded = answers["4: Boarding complete"]
    assert (boarded["boarding_complete"], boarded["state"]) == (True, "shipped")
    completed = answers["5: The order is completed"]
    assert completed["state"] == "completed"
    assert [line["state"] for line in completed["states_history"]] == [
        *("new", "paid", "in_production", "in_preparation", "shipped", "completed"),
    ]
    assert {parcel["status"] for parcel in completed["shipments"]} == {"delivered"}
    assert printed[-1][1] is True
    assert access_key not in ran.stdout


def test_without_address_and_key_it_says_what_it_needs() -> None:
    ran = run()
    assert ran.returncode == 2
    assert "DOORSTEP_URL" in ran.stderr
    assert "Traceback" not in ran.stderr
