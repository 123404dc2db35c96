"""Builds the wheel, for machines with Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from terraform_provider_dynatrace import __version__


def build_wheel(root: Path, dist: Path, moment: int) -> Path:
    """Build the wheel with hatchling into `dist` and return its path. `moment` is the time of its files.

    `moment` is in seconds since 1970. Raises `SystemExit` with the end of hatchling's output if it fails.
    """
    command: list[str | Path] = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", dist]
    ended = subprocess.run(  # noqa: S603  # the arguments are ours
        command,
        cwd=root,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(moment)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"hatchling failed with status {ended.returncode}:\n{(ended.stdout + ended.stderr)[-4000:]}")
    return dist / f"terraform_provider_dynatrace-{__version__}-py3-none-any.whl"
