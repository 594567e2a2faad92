"""Generated and broken requests at a real server: `make fuzz` is the long form of this."""

from random import Random

from tests.conftest import progress
from tests.e2e.generated import generated
from tests.e2e.mutations import mutated, valid_requests
from tests.e2e.refusals import fault_of, stock
from tests.e2e.shop import Shop

MOST_SHOWN = 20


GENERATED = {
    False: {"full": 5},
    True: {"full": 400, "read": 40, "carrier": 40},
}
"""How many random requests each operation gets, by the scope of the key."""

LEAST_SENT = {False: 200, True: 20_000}


def test_no_answer_is_outside_the_document(fresh_shop: Shop, long: bool, seed: int) -> None:
    """No 5xx, and no status, content type, header or body that the document does not have."""
    shop, sent, faults = fresh_shop, 0, []
    with progress("generated requests", LEAST_SENT[long]) as advance:
        for scope, examples in GENERATED[long].items():
            for checked in generated(shop, scope, seed, examples, coverage=long):
                sent += checked.sent
                faults += checked.faults
                advance(checked.sent)
    shown = "\n\n".join(faults[:MOST_SHOWN])
    assert not faults, f"{len(faults)} of {sent} requests, seed {seed}:\n{shown}"
    assert sent >= LEAST_SENT[long]
    assert shop.is_up()
    print(f"{sent} generated requests, seed {seed}: no answer outside the document")


MUTATIONS = {False: 1_500, True: 100_000}


def test_no_broken_request_fails_or_leaves_something_behind(
    fresh_shop: Shop, long: bool, seed: int
) -> None:
    """Each is one of all valid requests with some bytes changed, on a connection of its own."""
    shop, random, wanted, sent = fresh_shop, Random(seed), MUTATIONS[long], 0
    document = shop.http.get("/v2/openapi.json").json()
    with progress("broken requests", wanted) as advance:
        while sent < wanted:
            for request in valid_requests(document, stock(shop), shop.tokens["full"]):
                data = mutated(request, random)
                fault = fault_of(shop, data)
                assert fault is None, f"request {sent} of seed {seed}: {fault}\n{data!r}"
                sent += 1
                advance(1)
    assert shop.is_up()
    print(f"{sent} broken requests, seed {seed}: no 5xx, nothing stored by a refused one")
