"""What the watch's look costs follows what is due, never what is open."""

from pathlib import Path

from doorstep.clock import now
from doorstep.domain.order import DAY
from doorstep.store.places import SqliteFile
from doorstep.store.sqlite.database import QUERIES, connect
from tests.conftest import new_access_key
from tests.e2e.open_orders import build


def steps_of_a_look(path: Path, open_orders: int) -> int:
    """How many steps of SQLite's machine one look takes, beside so many open orders."""
    SqliteFile(path).prepare()
    new_access_key(path)
    began = now()
    promises = [began + DAY + number for number in range(open_orders)]
    build(path, promises, began - 2 * DAY, lambda by: None)
    connection = connect(path, readonly=True)
    steps = [0]

    def step() -> bool:
        steps[0] += 1
        return False

    values = {"since": 0, "until": began, "day": DAY, "early_before": 0, "answers_before": 0}
    look = QUERIES.earliest_deadlines.sql
    connection.execute(look, values).fetchall()
    connection.set_progress_handler(step, 1)
    assert connection.execute(look, values).fetchall() == [(1, None, None, None, None, None)]
    connection.set_progress_handler(None)
    connection.close()
    return steps[0]


def test_a_look_costs_the_same_however_many_are_open(tmp_path: Path) -> None:
    few = steps_of_a_look(tmp_path / "few.db", 10)
    assert steps_of_a_look(tmp_path / "many.db", 4_000) == few > 0
