"""What is old is forgotten: attempts and what was given up after 30 days, secrets at once."""

from doorstep.domain.order import DAY, SECOND
from doorstep.service.webhooks.forgetting import forget_old
from tests.conftest import START, Api
from tests.databases import execute


def test_what_is_old_is_forgotten(api: Api) -> None:
    made = api.post("/v2/webhook_endpoints", {"url": "https://receiver.example/"}).json()
    other = api.post("/v2/webhook_endpoints", {"url": "https://receiver.example/"}).json()
    newest = api.post(f"{made['iri']}/rotate_secret", {"overlap_hours": 24}).json()["secret"]
    attempt = "INSERT INTO webhook_attempts VALUES (1, ?, ?, 1, 'e', 'order.paid', ?, 1, 500, "
    given_up = "INSERT INTO webhook_deliveries VALUES (1, ?, 0, ?, 1, 13, NULL, ?)"
    waiting = "INSERT INTO webhook_deliveries VALUES (1, ?, 0, 9, 1, 13, ?, NULL)"
    for number, moment in enumerate((START - 29 * DAY, START - 29 * DAY + SECOND), start=1):
        execute(api.database, f"{attempt}NULL, NULL, NULL)", made["id"], number, moment)
        execute(api.database, given_up, made["id"], number, moment)
    execute(api.database, waiting, made["id"], START - 99 * DAY)
    api.clock.advance(days=1, seconds=-1)
    api.run(forget_old(api.services, 1))
    assert len(execute(api.database, "SELECT 1 FROM webhook_secrets")) == 3
    api.clock.advance(seconds=1)
    api.run(forget_old(api.services, 1))
    secrets = {secret for (secret,) in execute(api.database, "SELECT secret FROM webhook_secrets")}
    assert secrets == {newest, other["secret"]}
    assert execute(api.database, "SELECT attempt_number FROM webhook_attempts") == [(2,)]
    left = execute(api.database, "SELECT sequence FROM webhook_deliveries ORDER BY sequence")
    assert left == [(2,), (9,)]
