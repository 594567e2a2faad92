"""The command line: `doorstep serve`, and looking after accounts, keys and the database."""

import contextlib
import os
import sys
from typing import NoReturn

from cyclopts import CycloptsError

from doorstep.cli.commands import Mistake
from doorstep.cli.tree import tree
from doorstep.config import ConfigError
from doorstep.listening import StartError
from doorstep.store.database import StoreUnavailable
from doorstep.store.export.reader import UnusableExport
from doorstep.store.schema import UnusableDatabase

EXIT_MISTAKE = 2
EXIT_INTERRUPTED = 130
EXIT_NO_READER = 141
"""Like 130 the shell's number for the signal that ends other programs then, SIGPIPE."""

MISTAKES = (Mistake, ConfigError, StartError, CycloptsError, UnusableDatabase, UnusableExport)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs the command line; a mistake is one line on standard error and exit code 2."""
    try:
        result = tree(arguments, result_action="return_value")
        # Here and not at the interpreter's exit, whose failure would be a traceback.
        print(end="", flush=True)
    except MISTAKES as mistake:
        sentence = " ".join(str(mistake).split())
        print(f"doorstep: {sentence}", file=sys.stderr)
        sys.exit(EXIT_MISTAKE)
    except StoreUnavailable as error:
        print(f"doorstep: The database cannot be used now: {error}.", file=sys.stderr)
        sys.exit(EXIT_MISTAKE)
    except BrokenPipeError:
        _drop_output()
        sys.exit(EXIT_NO_READER)
    except OSError as error:
        _drop_output()
        place = "" if error.filename is None else f"{error.filename}: "
        print(f"doorstep: {place}{error.strerror or error}.", file=sys.stderr)
        sys.exit(EXIT_MISTAKE)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(result if isinstance(result, int) else 0)


def _drop_output() -> None:
    """What is still in the buffer goes nowhere, so that the interpreter's exit cannot fail."""
    # Without an output, or with one that is no file, there is nothing to drop.
    with contextlib.suppress(AttributeError, OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
