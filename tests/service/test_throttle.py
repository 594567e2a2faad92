"""Counting failures: of whom, and for how long it is remembered."""

import pytest

from doorstep.service import throttle
from doorstep.service.throttle import Throttle, whose


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_client_has_all_addresses_of_its_network(address: str, name: str) -> None:
    assert whose(address) == name


def test_a_count_is_not_pushed_out_by_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_KEPT", 3)
    failures = Throttle(2, 60.0)
    for name in ("guessed", "guessed", *(f"other {number}" for number in range(10))):
        failures.failed(name)
    assert failures.seconds_to_wait("guessed")
    for number in range(3):
        for _ in range(2):
            failures.failed(f"blocked {number}")
    assert failures.seconds_to_wait("guessed") is None
