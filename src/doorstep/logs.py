"""The log: one record a line on standard error, as text or as JSON, with the request it is of."""

import logging
import sys
from contextvars import ContextVar
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

FORMATS = ("auto", "text", "json")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""What the request at hand is called in the log; set where it comes in."""


def configure(level: str, form: str) -> None:
    """Sends every record of at least a level to standard error.

    `form` is one of FORMATS; `auto` means text on a terminal and JSON anywhere else.
    """
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(as_json))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # It warns of errors that it raises as well, such as those that are tried again.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    # A line for everything that is no HTTP would be a way to fill the disk.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def formatter(as_json: bool) -> logging.Formatter:
    """Makes a line of a record; fields given as `extra` become fields.

    Tracebacks are without the values of variables: those are orders, persons and tokens.
    """
    known: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _name_request,
        _drop_colors,
    ]
    last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        last += [
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        last.append(
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        )
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=known, processors=last)


def _name_request(logger: Any, method: str, record: EventDict) -> EventDict:
    current = request_id.get()
    if current is not None:
        record.setdefault("request_id", current)
    return record


def _drop_colors(logger: Any, method: str, record: EventDict) -> EventDict:
    # uvicorn says everything twice, the second time with escape sequences.
    record.pop("color_message", None)
    return record
