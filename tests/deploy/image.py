"""The image without an engine: its build, and a sandbox of bubblewrap's in place of a container.

What the two have in common: the paths, the variables, a read-only root, a user and a table of
processes of their own, no privileges. What they have not: Python, the libraries and the
dependencies are those of the tests, so that nothing is fetched.
"""

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from tests.deploy.dockerfile import BUILD, copied, value_of
from tests.deploy.tools import ROOT, tool

INSTALLED = "/opt/doorstep"
USER, GROUP = value_of("USER").split(":")
SECONDS_FOR_A_STEP = 60


def sandbox(
    mounts: Mapping[str, tuple[str, Path]], environ: Mapping[str, str], directory: str
) -> list[str]:
    """What runs the words behind it as the image's user; `mounts` goes by the path inside."""
    command = [tool("bwrap"), "--unshare-user", "--unshare-pid", "--as-pid-1", "--die-with-parent"]
    command += ["--uid", USER, "--gid", GROUP, "--cap-drop", "ALL", "--clearenv"]
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for name in ("bin", "lib", "lib64", "usr", "etc"):
        root = Path("/", name)
        if root.is_symlink():
            command += ["--symlink", str(root.readlink()), str(root)]
        elif root.exists():
            command += ["--ro-bind", str(root), str(root)]
    for python in (sys.base_prefix, sys.prefix):
        command += ["--ro-bind", python, python]
    for inside, (how, outside) in mounts.items():
        command += [how, str(outside), inside]
    command += ["--remount-ro", "/"]
    for variable, text in environ.items():
        command += ["--setenv", variable, text]
    return [*command, "--chdir", directory]


def build(root: Path) -> Path:
    """Carries out the first stage, and returns what the image gets of it."""
    directory = next(value for name, value in BUILD if name == "WORKDIR")
    context, installed = root / "context", root / "installed"
    context.mkdir()
    installed.mkdir()
    for sources, target in copied(BUILD):
        for source in sources:
            _copy(ROOT / source, context / target)
    mounts = {directory: ("--bind", context), INSTALLED: ("--bind", installed)}
    box = sandbox(mounts, {"PATH": f"{sys.prefix}/bin:/usr/bin:/bin"}, directory)
    for name, value in BUILD:
        if name == "RUN" and "--require-hashes" in value:
            _lend_dependencies(installed)
        elif name == "RUN":
            subprocess.run(
                [*box, "sh", "-c", value],
                check=True,
                capture_output=True,
                timeout=SECONDS_FOR_A_STEP,
            )
    return installed


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.mkdir(exist_ok=True, parents=True)
        shutil.copy(source, target)


def _lend_dependencies(installed: Path) -> None:
    """Those of the tests, which stand in the same lock; doorstep itself is not among them."""
    (packages,) = installed.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"))
