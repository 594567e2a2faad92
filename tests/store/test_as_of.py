"""`GET /v2/orders/{id}?as_of=`: what was answered at a moment is told of it for ever.

But for personal data, which is gone with the order. `make feed-test` tries many more histories.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.domain.order import MILLISECOND, SECOND, Instant
from doorstep.times import format_time
from tests.conftest import Api
from tests.databases import Databases, Files
from tests.store.test_properties import ORDER_IDS, Run, requests

EXAMPLES = {False: 8, True: 1_000}

# What the account sets is not in the log of its orders.
commands = requests.filter(lambda asked: asked[0] != "untrackable days")
steps = st.lists(
    st.one_of(
        st.lists(commands, min_size=1, max_size=3),
        st.sampled_from([0.001, 1, 3_600, 86_400, 3 * 86_400, 31 * 86_400]),
    ),
    min_size=1,
    max_size=12,
)


class Witness:
    """Keeps what was answered, with the moment."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.seen: list[tuple[Instant, str, Any]] = []

    def look(self) -> None:
        """Within a millisecond of its own, as times go out cut to it."""
        clock = self.api.clock
        clock.now += MILLISECOND - clock.now % MILLISECOND
        moment = clock.now
        for order_id in ORDER_IDS:
            self.seen.append((moment, order_id, self._answer(order_id)))
        clock.now = moment + MILLISECOND

    def _answer(self, path: str) -> Any:
        answer = self.api.get(f"/v2/orders/{path}")
        assert answer.status_code in (200, 404), answer.text
        return answer.json() if answer.status_code == 200 else None

    def compare(self) -> None:
        """Every answer once more, by either name of the order."""
        living = {self._answer(order_id)["id"] for order_id in self._living()}
        for moment, order_id, seen in self.seen:
            expected = seen if seen is None or seen["id"] in living else forgotten(seen)
            names = [order_id] if seen is None else [order_id, str(seen["id"])]
            for name in names:
                assert self._answer(f"{name}?as_of={exact(moment)}") == expected

    def _living(self) -> list[str]:
        return [order_id for order_id in ORDER_IDS if self._answer(order_id)]

    def forget_everybody(self) -> None:
        for order_id in self._living():
            assert self.api.delete(f"/v2/orders/{order_id}").status_code == 204


def exact(moment: Instant) -> str:
    """To the microsecond."""
    return f"{format_time(moment // SECOND * SECOND)[:-1]}.{moment % SECOND:06}Z"


def forgotten(order: dict[str, Any]) -> dict[str, Any]:
    """An answer without what was personal in it."""
    parcels = [
        {
            name: None if name.startswith("recipient_") or name == "comment" else value
            for name, value in parcel.items()
        }
        for parcel in order["shipments"]
    ]
    return {**order, "recipient": None, "shipments": parcels}


@pytest.mark.parametrize("untrackable_days", [None, 2])
def test_what_was_known_then_is_what_was_answered_then(
    databases: Files | Databases, long: bool, untrackable_days: int | None
) -> None:
    @settings(max_examples=EXAMPLES[long])
    @given(steps)
    def hold(taken: list[Any]) -> None:
        api = Api(databases.again(), kept=databases.kept())
        try:
            api.put("/v2/account", {"untrackable_days": untrackable_days})
            run, witness = Run(api), Witness(api)
            for step in taken:
                run.take(step)
                witness.look()
            witness.compare()
            witness.forget_everybody()
            witness.compare()
        finally:
            api.close()

    hold()
