"""What doorstep-backup.service does in a night."""

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import clean_environment, doorstep
from tests.deploy.tools import replaced, unit_lines

UNIT = "doorstep-backup.service"
BACKUPS = "/var/backups/doorstep"
PROGRAM = "/opt/doorstep/bin/doorstep"
SECONDS_OF_A_DAY = 86_400


def run(line: str, folder: Path, database: Path) -> None:
    """A line of the unit as systemd reads it: %% and $$ stand for one of each."""
    command = replaced(line, {BACKUPS: str(folder)})
    command = command.replace(PROGRAM, str(Path(sys.executable).with_name("doorstep")))
    words = shlex.split(command.replace("%%", "%").replace("$$", "$"))
    subprocess.run(words, check=True, cwd=database.parent, env=clean_environment())


def test_a_night_makes_a_copy_and_drops_those_older_than_two_weeks(
    sqlite_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for days in (1, 13, 14, 300):
        for name in (f"doorstep-{days}.db", f"doorstep-{days}.db.unfinished", f"{days}.db"):
            (folder / name).touch()
            long_ago = time.time() - days * SECONDS_OF_A_DAY
            os.utime(folder / name, (long_ago, long_ago))
    for key in ("ExecStart", "ExecStartPost"):
        (line,) = unit_lines(UNIT, key)
        run(line, folder, sqlite_file)
    left = {path.name for path in folder.iterdir()}
    assert not {name for name in left if re.match("doorstep-(14|300)[.]", name)}
    assert {"doorstep-1.db", "doorstep-13.db", "14.db", "300.db"} <= left
    (made,) = {name for name in left if re.fullmatch(r"doorstep-20[-\dT]+\.db", name)}
    assert (folder / made).stat().st_mode & 0o777 == 0o600
    checked = doorstep("verify", "--database", f"sqlite:///{folder / made}")
    assert checked.stdout == "0 orders replayed, 0 faults\n"
