"""The README's workflow: its commands, run as they stand, answer what it shows."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.conftest import Server

README = Path(__file__).parents[2] / "README.md"
FENCED = re.compile(r"```(sh|json)\n(.*?)```", re.DOTALL)

CHANGING = {
    r"eyJ[\w.…-]+": "<token>",
    r"http://127\.0\.0\.1:\d+/order/[\w-]+": "<tracking page>",
    r"\b7\d{14}\b": "<number>",
    r"20(2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z": "<now>",
}
"""What differs from run to run; the promise of 2030 is masked on both sides."""


def masked(answer: Any) -> Any:
    text = json.dumps(answer, ensure_ascii=False)
    for pattern, name in CHANGING.items():
        text = re.sub(pattern, name, text)
    return json.loads(re.sub(r": <number>", ': "<number>"', text))


def test_the_workflow_of_the_readme(tmp_path: Path, access_key: str, server: Server) -> None:
    environ = dict(os.environ)
    pending, shown = "", 0
    for language, text in FENCED.findall(README.read_text()):
        if language == "sh":
            pending = text
            continue
        script = re.sub(r"^base_url=.*$", f"base_url={server.url}", pending, flags=re.M)
        script = re.sub(r"^access_key=.*$", f"access_key={access_key}", script, flags=re.M)
        said = subprocess.run(["bash", "-euc", script], env=environ, capture_output=True, text=True)
        assert said.returncode == 0, said.stderr
        answer = json.loads(said.stdout)
        environ |= {"base_url": server.url}
        if "token" in answer:
            environ["auth"] = f"Authorization: Bearer {answer['token']}"
        assert masked(answer) == masked(json.loads(text)), script
        shown += 1
    assert shown == 8
