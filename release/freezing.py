"""Freeze the provider with PyInstaller: a folder with one executable and, beside it, the runtime that it starts.

The options were chosen by measuring, see docs/design/0006-package.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import distribution
from pathlib import Path

from release.contents import EXTRAS, PROVIDER, foreign_modules, required

RUNTIME = "runtime"
"""The folder beside the executable."""

_HERE = Path(__file__).parent
_ENTRY = _HERE.parent / "src" / "terraform_provider_dynatrace" / "__main__.py"
_LATE = ("terraform_plugin.server.serve",)  # nothing else but what Terraform starts needs it, late
_NOT_OURS_TO_SHIP = ("dynatrace_sandbox", "terraform_provider_aws_iam", "terraform_plugin.testing")
_NOT_NEEDED = (
    "readline",  # GPL, and nobody types at a provider
    *("bz2", "lzma", "sqlite3", "tkinter", "curses", "_uuid"),  # each brings a library of the system
    *("unittest", "doctest", "pydoc", "pdb", "setuptools"),
    *("pygments", "markdown_it", "httpx2._main"),  # rich and httpx2 show source and Markdown with them; we do not
    "dateutil.zoneinfo",  # a second database of time zones
)
_NOTES_OF_INSTALLERS = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json")
_SERVICES = ("iam", "sts", "sso", "sso-oidc", "signin")
"""What boto3 is asked for here, and what it asks by itself to log in. All of AWS would be half of the package."""


@dataclass(frozen=True)
class Plan:
    """What the spec file is told: names, modules, and where it notes what went into the package."""

    entry: str
    program: str
    runtime: str
    hidden: list[str]
    excluded: list[str]
    hook: str
    strip: bool
    notes: str

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Return the plan that is in a file."""
        return cls(**json.loads(path.read_bytes()))

    def write(self, path: Path) -> Path:
        """Put the plan into a file and return its path."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path


@dataclass(frozen=True)
class Frozen:
    """A frozen program: its folder, and by the path of each file in it where that came from."""

    folder: Path
    origins: Mapping[str, Path]


def freeze(program: str, work: Path, time: int) -> Frozen:
    """Make `program`, below the empty folder `work`. `time` is what becomes the age of the build, in seconds.

    Raises `SystemExit` with PyInstaller's last words if it fails.
    """
    notes = work / "notes.json"
    plan = Plan(
        str(_ENTRY),
        program,
        RUNTIME,
        [*_LATE],
        [*_NOT_OURS_TO_SHIP, *_NOT_NEEDED, *foreign_modules(required(distribution(PROVIDER), EXTRAS))],
        str(_HERE / "hook.py"),
        bool(shutil.which("strip")) and sys.platform == "linux",  # a Mac's signatures do not survive it
        str(notes),
    ).write(work / "plan.json")
    _run_pyinstaller(plan, work, time)
    origins = {name: Path(origin) for name, origin in json.loads(notes.read_bytes())}
    return Frozen(work / "made" / "package", origins)


def _run_pyinstaller(plan: Path, work: Path, time: int) -> None:
    places = ("--distpath", work / "made", "--workpath", work / "steps")
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "PyInstaller",
        "--noconfirm",
        "--log-level=WARN",
        *places,
        _HERE / "provider.spec",
    ]
    same = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(time), "PYINSTALLER_CONFIG_DIR": str(work / "cache")}
    ended = subprocess.run(  # noqa: S603  # the arguments are ours
        [*command, "--", plan],
        cwd=_HERE.parent,
        env={**os.environ, **same},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"PyInstaller ended with status {ended.returncode}:\n{ended.stdout[-4000:]}")


def wanted_data(path: str) -> bool:
    """Return whether a data file belongs into the package.

    Of botocore's models those of few services do; what an installer noted about this machine does not.
    """
    parts = Path(path).parts
    if parts[0].endswith(".dist-info") and parts[-1] in _NOTES_OF_INSTALLERS:
        return False
    if parts[:2] == ("botocore", "data") and len(parts) > 3:
        return parts[2] in _SERVICES
    return parts[:2] not in (("boto3", "data"), ("boto3", "examples"), ("dateutil", "zoneinfo"))
