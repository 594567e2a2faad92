"""The named queries of `sql/*.sql`: one text for both databases, rare marked variants."""

import re
from importlib.resources import files
from typing import Any

import aiosql

ANY_OF = re.compile(r"ANY_OF\((:\w+)\)")
"""`column ANY_OF(:values)`: the column is one of a list that is given as one parameter."""

SQLITE_ANY_OF = r"IN (SELECT value FROM json_each(\1))"
ONLY_ONE_OF = r"= \1"
"""For lists of one entry, which is given bare: half the time, and no sorting."""


def load_queries(driver: str, any_of: str) -> Any:
    """The queries for a driver known to aiosql; `any_of` replaces the marked variant."""
    texts = [
        file.read_text(encoding="utf-8")
        for file in sorted(files("doorstep.store").joinpath("sql").iterdir(), key=lambda f: f.name)
        if file.name.endswith(".sql")
    ]
    return aiosql.from_str(ANY_OF.sub(any_of, "\n".join(texts)), driver, mandatory_parameters=False)
