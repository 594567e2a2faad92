"""docs/webhooks.md: its code verifies, its tables are those of the code."""

import re
from pathlib import Path
from typing import Any

import pytest

from doorstep.clock import now
from doorstep.config import SETTINGS
from doorstep.domain.order import HOUR, SECOND
from doorstep.service.retries import JITTER, read_schedule
from doorstep.service.webhooks import endpoints, guarded, sending
from doorstep.service.webhooks.attempts import OUTCOMES
from doorstep.service.webhooks.endpoint_health import MOST_IN_FLIGHT
from doorstep.service.webhooks.forgetting import KEPT
from doorstep.service.webhooks.signing import new_secret, sign

PAGE = (Path(__file__).parents[1] / "docs/webhooks.md").read_text(encoding="utf-8")
SETTING = {setting.name: setting for setting in SETTINGS}
UNITS = {"second": SECOND, "minute": 60 * SECOND, "hour": HOUR}


def instant(text: str) -> float:
    number, unit = text.split()
    return float(number) * UNITS[unit.removesuffix("s")]


def test_the_table_of_tries_is_the_setting_s_default() -> None:
    table = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]*) ?\|$", PAGE, re.MULTILINE)
    (_, first, _), *later = table
    waits = read_schedule(str(SETTING["retry_seconds"].default)).waits
    assert first == "at once"
    assert [int(number) for number, _, _ in later] == list(range(2, len(waits) + 2))
    assert [instant(after) for _, after, _ in later] == list(waits)
    for count, (_, _, since) in enumerate(later, start=1):
        # To a tenth of its unit.
        assert instant(since.strip()) == pytest.approx(sum(waits[:count]), rel=0.01)
    assert "a fifth shorter or longer" in PAGE
    assert JITTER == 1 / 5


def test_its_numbers_are_those_of_the_code() -> None:
    assert f"after\n{SETTING['webhook_seconds'].default} seconds" in PAGE
    assert f"For the next\n{endpoints.OVERLAP_HOURS} hours" in PAGE
    assert f"0 to {endpoints.MOST_OVERLAP_HOURS})" in PAGE
    assert f"listed for {KEPT // (24 * HOUR)} days" in PAGE
    assert f"at most {sending.MOST_ANSWER_BYTES // 1024} KiB" in PAGE
    assert f"up to {guarded.NAMES_KEPT_SECONDS} seconds" in PAGE
    assert f"`{sending.HEADERS['Content-Type']}`" in PAGE
    assert MOST_IN_FLIGHT == 16
    assert "as many as sixteen" in PAGE


def test_every_word_for_an_error_is_explained() -> None:
    """Read from the text of the one function that says them, and the one place before it."""
    source = Path(sending.__file__).read_text(encoding="utf-8")
    words = set(re.findall(r'(?:return|error=)\s?"([a-z_]+)"', source))
    table = PAGE.split("| `error` |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)) == words
    assert "timed_out" in words


def test_the_outcomes_that_it_asks_for_are_taken() -> None:
    assert set(re.findall(r"outcome=(\w+)", PAGE)) == set(OUTCOMES)


@pytest.mark.parametrize("name", ["receive", "is_from_doorstep"])
def test_its_code_verifies_what_is_signed_and_nothing_else(name: str) -> None:
    (code,) = (
        block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if name in block
    )
    secret, other = new_secret("v1"), new_secret("v1")
    there: dict[str, Any] = {"secret": secret}
    exec(code, there)  # the page's own code
    body, seconds = '{"type": "order.shipped", "subject": "Grüße"}'.encode(), now() // SECOND

    def accepts(secrets: list[str], body: bytes, seconds: int) -> bool:
        headers = {
            "webhook-id": "evt_1_7",
            "webhook-timestamp": str(seconds),
            "webhook-signature": sign(secrets, "evt_1_7", seconds, signed),
        }
        try:
            return bool(there[name](headers, body))
        except Exception:
            return False

    signed = body
    assert accepts([secret], body, seconds)
    assert accepts([other, secret], body, seconds)
    assert not accepts([other], body, seconds)
    assert not accepts([secret], body.replace(b"shipped", b"delayed"), seconds)
    assert not accepts([secret], body, seconds - 600)
