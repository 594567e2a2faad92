"""What was deleted is gone from the file too."""

from contextlib import closing
from pathlib import Path

import pytest

from doorstep.store.sqlite import schema as sqlite_schema
from doorstep.store.sqlite.database import connect
from doorstep.store.sqlite.file import backup
from tests.conftest import Api

SECRETS = (b"Wilhelmine", b"wilhelmine", b"Nirgendstrasse", b"beim Nachbarn")


def found(database: Path) -> list[bytes]:
    """The secrets in the file, after all that was committed has been brought into it."""
    with closing(connect(database)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    content = database.read_bytes()
    return [secret for secret in SECRETS if secret in content]


@pytest.mark.parametrize("filler", ["", "x" * 4000])
def test_personal_data_leaves_no_bytes_behind(
    sqlite_api: Api, sqlite_file: Path, filler: str
) -> None:
    """Neither in the tables' pages nor in free ones, whatever page an answer needed."""
    key = {"Idempotency-Key": "k"}
    recipient = {"first_name": "Wilhelmine", "street": "Nirgendstrasse", "city": filler}
    sqlite_api.post("/v2/order", {"order_id": "A", "recipient": recipient}, headers=key)
    sqlite_api.put("/v2/orders/A", {"recipient": {**recipient, "house_no": "2"}})
    parcel = {"order_id": "A", "tracking_code": "T", "recipient_first_name": "Wilhelmine"}
    sqlite_api.post(
        "/v2/shipments", {**parcel, "comment": "beim Nachbarn"}, headers={"Idempotency-Key": "l"}
    )
    assert found(sqlite_file) == list(SECRETS)
    assert sqlite_api.delete("/v2/orders/A").status_code == 204
    assert found(sqlite_file) == []


def test_only_the_owner_may_read_the_database(tmp_path: Path) -> None:
    path, copy = tmp_path / "doorstep.db", tmp_path / "copy.db"
    sqlite_schema.bring_up_to_date(path)
    backup(path, copy)
    assert [file.stat().st_mode & 0o777 for file in (path, copy)] == [0o600, 0o600]
