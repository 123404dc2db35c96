"""Freezes the provider with PyInstaller into a folder with one executable and its runtime.

docs/design/0006-package.md has the measurements behind the options.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import distribution
from pathlib import Path

from release.contents import EXTRAS, PROVIDER, foreign_modules, normalized, required
from release.traces import builder_paths, remove_traces
from terraform_provider_dynatrace.provider import DynatraceProvider

RUNTIME = "runtime"
"""The folder next to the executable."""

_HERE = Path(__file__).parent
_ENTRY = _HERE.parent / "src" / "terraform_provider_dynatrace" / "__main__.py"
_OFFERED = (
    DynatraceProvider.resources,
    DynatraceProvider.data_sources,
    DynatraceProvider.list_resources,
    DynatraceProvider.functions,
)
_LATE = (
    "terraform_plugin.server.serve",
    *(place.partition(":")[0] for offered in _OFFERED for place in offered.by_name.places.values()),
)  # imported late, when Terraform starts the provider or uses a resource, so PyInstaller does not find them
_NOT_OURS_TO_SHIP = ("dynatrace_sandbox", "terraform_provider_aws_iam", "terraform_plugin.testing")
_NOT_NEEDED = (
    "readline",  # GPL, and a provider has no interactive input
    *("bz2", "lzma", "sqlite3", "tkinter", "curses", "_uuid"),  # each needs another library of the system
    *("unittest", "doctest", "pydoc", "pdb", "setuptools"),
    *("pygments", "markdown_it", "httpx2._main"),  # rich and httpx2 use them for output that we do not produce
    "dateutil.zoneinfo",  # a second time zone database
    sysconfig._get_sysconfigdata_name(),  # type: ignore[attr-defined]  # noqa: SLF001  # how the builder's Python was made
)
_NOTES_OF_INSTALLERS = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json")
_SERVICES = ("iam", "sts", "sso", "sso-oidc", "signin")
"""The services that `doctor aws` uses, and those that boto3 uses to log in. All services would double the package."""


@dataclass(frozen=True)
class Plan:
    """The input of the spec file. `notes` is the file to which it writes what went into the package."""

    entry: str
    program: str
    runtime: str
    hidden: list[str]
    excluded: list[str]
    hook: str
    strip: bool
    notes: str
    distributions: list[str]
    """The names of the distributions whose metadata belong in the package."""

    @classmethod
    def read(cls, path: Path) -> Plan:
        """Return the plan stored in a file."""
        return cls(**json.loads(path.read_bytes()))

    def write(self, path: Path) -> Path:
        """Store the plan in a file and return its path."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path


@dataclass(frozen=True)
class Frozen:
    """A frozen program: its folder, and the source of each file in it, by path."""

    folder: Path
    origins: Mapping[str, Path]


def freeze(program: str, work: Path, time: int) -> Frozen:
    """Build `program` in the empty folder `work`. `time` is the time of the build, in seconds since 1970.

    Raises `SystemExit` with the end of PyInstaller's output if it fails.
    """
    notes = work / "notes.json"
    distributions = required(distribution(PROVIDER), EXTRAS)
    plan = Plan(
        str(_ENTRY),
        program,
        RUNTIME,
        [*_LATE],
        [*_NOT_OURS_TO_SHIP, *_NOT_NEEDED, *foreign_modules(distributions)],
        str(_HERE / "hook.py"),
        bool(shutil.which("strip")) and sys.platform == "linux",  # it would break the signatures on macOS
        str(notes),
        [*distributions],
    ).write(work / "plan.json")
    _run_pyinstaller(plan, work, time)
    origins = {name: Path(origin) for name, origin in json.loads(notes.read_bytes())}
    folder = work / "made" / "package"
    if sys.platform == "linux":  # a changed file would lose its signature on macOS
        remove_traces(folder, builder_paths(work, _HERE.parent))
    return Frozen(folder, origins)


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
        raise SystemExit(f"PyInstaller failed with status {ended.returncode}:\n{ended.stdout[-4000:]}")


def wanted_data(path: str, distributions: Collection[str]) -> bool:
    """Return whether a data file belongs in the package.

    The models of most AWS services, the files that an installer wrote for this machine, and the metadata of anything
    but `distributions` do not. PyInstaller collects the metadata of whatever a library asks the version of.
    """
    parts = Path(path).parts
    if parts[0].endswith(".dist-info"):
        return parts[-1] not in _NOTES_OF_INSTALLERS and normalized(parts[0].partition("-")[0]) in distributions
    if parts[:2] == ("botocore", "data") and len(parts) > 3:
        return parts[2] in _SERVICES
    return parts[:2] not in (("boto3", "data"), ("boto3", "examples"), ("dateutil", "zoneinfo"))
