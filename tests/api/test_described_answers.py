"""Every status of every operation is seen, each answer as the document says, and no other."""

from collections.abc import Iterator
from typing import Any

import pytest

from doorstep.api.openapi.reference import default_document
from doorstep.service.group import StoreUnavailable
from tests.api.described import Described, watched
from tests.api.walk import Walk
from tests.conftest import Api
from tests.databases import Databases, Files

DOCUMENT = default_document()
NOTHING = "123456789012345"
EMPTY: dict[str, Any] = {"content": {"*/*": {"example": None}}}


@pytest.fixture
def two_apis(databases: Files | Databases) -> Iterator[list[Api]]:
    limits = {"max_early_updates": 1, "max_event_streams": 1, "max_webhook_endpoints": 1}
    apis = [Api(databases.new(), **limits) for _ in (1, 2)]
    yield apis
    for api in apis:
        api.close()


def test_the_walk_gets_every_answer_and_no_other(
    two_apis: list[Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    described = Described(DOCUMENT)
    for api, last in zip(two_apis, (False, True), strict=True):
        described.document = api.get("/v2/openapi.json").json()
        watched(api, described)
        refuse_everything(api, described)
        fail_everything(api, described, monkeypatch)
        Walk(api, last=last).all()
    documented = {
        (method.upper(), path, status)
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
        for status in operation["responses"]
    }
    assert documented - described.seen == set()


def requests_of(described: Described) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation with a path to nothing that is there."""
    for path, methods in described.document["paths"].items():
        for method, operation in methods.items():
            parts = [part if part[:1] != "{" else NOTHING for part in path.split("/")]
            yield method.upper(), "/".join(parts), operation


def refuse_everything(api: Api, described: Described) -> None:
    """What operations refuse in the same way wherever they can; `watched` does the checking."""
    keys = {scope: api.access_key(scope=scope) for scope in ("full", "read", "carrier")}
    for method, path, operation in requests_of(described):
        if operation["security"]:
            assert api.raw(method, path).status_code == 401
            allowed = operation["security"][0]["bearer"]
            scope = next(scope for scope in keys if scope not in allowed)
            assert api.call(method, path, key=keys[scope]).status_code == 403
        if NOTHING in path:
            # A segment that is not UTF-8 names nothing, whatever a PUT would make of a name.
            assert api.call(method, path.replace(NOTHING, "%FF")).status_code == 404
            api.call(method, path, operation.get("requestBody", EMPTY)["content"]["*/*"]["example"])
        if "413" in operation["responses"]:
            assert api.call(method, path, content=b" " * 1_048_577).status_code == 413
        if "requestBody" in operation:
            assert api.call(method, path, content=b"{").status_code == 400
        elif method == "GET" and "400" in operation["responses"]:
            assert api.get(f"{path}?limit=0&as_of=never").status_code == 400
        assert api.call("PATCH", path).status_code == 405
    assert api.get("/v2/nothing").status_code == 404


def fail_everything(api: Api, described: Described, monkeypatch: pytest.MonkeyPatch) -> None:
    """What operations answer when the store cannot be reached, and when something is broken."""
    for error, status in ((StoreUnavailable("busy"), 503), (RuntimeError("broken"), 500)):

        async def fail(*_: Any, error: Exception = error) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(api.services.access, "caller", fail)
            patch.setattr(api.services.access, "token_for", fail)
            patch.setattr(api.services.store, "write", fail)
            api.clock.advance(seconds=1)
            for method, path, operation in requests_of(described):
                if "503" in operation["responses"]:
                    body = {"access_key": "x"} if method == "POST" else None
                    assert api.call(method, path, body).status_code == status
