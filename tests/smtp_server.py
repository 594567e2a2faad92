"""A mail server in a process of its own: it keeps what it takes, and tells what happens to it.

    python -m tests.smtp_server FOLDER PORT PLAN

PLAN has a word for each message in turn, parted by commas: `take`, `451`, `421`, `550`,
`slow` (taken, and said so after a while), `keep_and_drop`, `drop`; what comes after that is taken.
Each line that it prints is a JSON object.
"""

import asyncio
import itertools
import json
import sys
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session


class Telling(SMTP):
    """Tells of the end of a connection, too."""

    def connection_lost(self, error: Exception | None) -> None:
        if self.session is not None:
            self.event_handler.tell(self.session, "ended")
        super().connection_lost(error)


SLOW_SECONDS = 0.5
ANSWERS = {"451": "451 4.3.0 Later", "421": "421 4.3.2 Closing", "550": "550 5.1.1 No <{}> here"}


class Keeper:
    """Says 250 once a message is in its folder; the plan may have it say something else."""

    def __init__(self, folder: Path, plan: list[str]) -> None:
        self._folder = folder
        self._plan = itertools.chain(plan, itertools.repeat("take"))
        self._connections = itertools.count(1)

    def tell(self, session: Session, what: str, message_id: str = "") -> None:
        if not hasattr(session, "number"):
            session.number = next(self._connections)  # type: ignore[attr-defined]
        line = {"connection": session.number, "what": what, "message_id": message_id}
        print(json.dumps(line), flush=True)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tell(session, "went on")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RSET(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.tell(session, "went on")
        return "250 OK"

    async def handle_QUIT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.tell(session, "went on")
        return "221 Bye"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        message_id = str(message_from_bytes(envelope.content)["Message-ID"])
        how = next(self._plan)
        if how in ANSWERS:
            self.tell(session, how, message_id)
            if how == "421":
                asyncio.get_running_loop().call_soon(server.transport.close)
            return ANSWERS[how].format(envelope.rcpt_tos[0])
        if how != "drop":
            (self._folder / f"{uuid4()}.eml").write_bytes(envelope.content)
            self.tell(session, "kept", message_id)
        if how == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        elif how != "take":
            self.tell(session, "dropped", message_id)
            server.transport.abort()
        return "250 OK"


async def serve(port: int, keeper: Keeper) -> None:
    loop = asyncio.get_running_loop()
    options: dict[str, Any] = {"loop": loop, "hostname": "localhost", "enable_SMTPUTF8": False}
    server = await loop.create_server(lambda: Telling(keeper, **options), "127.0.0.1", port)
    print(json.dumps({"what": "started"}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    _, folder, port, plan = sys.argv
    asyncio.run(serve(int(port), Keeper(Path(folder), plan.split(","))))
