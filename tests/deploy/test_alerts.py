"""The alerts: Prometheus understands them, and they fire on a sick doorstep and on no other."""

import re
import subprocess
from pathlib import Path

from tests.deploy.test_operations import section
from tests.deploy.tools import DEPLOY, replaced, tool

RULES = DEPLOY / "alerts.yml"


def promtool(*arguments: str) -> str:
    done = subprocess.run(
        [tool("promtool"), *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_understands_the_rules() -> None:
    assert "SUCCESS: 16 rules found" in promtool("check", "rules", str(RULES))


def test_a_sick_doorstep_raises_every_alert_and_a_well_one_none(tmp_path: Path) -> None:
    cases = (Path(__file__).parent / "alerts.yml").read_text()
    (tmp_path / "cases.yml").write_text(replaced(cases, {"[RULES]": f"[{RULES}]"}))
    promtool("test", "rules", str(tmp_path / "cases.yml"))
    alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
    assert list(dict.fromkeys(re.findall(r'alertname="(\w+)"', cases))) == alerts


def test_the_page_says_what_each_alert_means() -> None:
    alerts = re.findall(r"- alert: (\w+)", RULES.read_text())
    assert re.findall(r"^\| `(\w+)` \|", section("Alerts"), re.MULTILINE) == alerts
