"""Where and with what it was measured: one paragraph."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import re
import subprocess
from pathlib import Path

from terraform_plugin.testing import find_binary
from terraform_provider_dynatrace import __version__


def described() -> str:
    """Return date, versions and machine."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    versions = f"provider {__version__}, Terraform {_terraform()}, Python {platform.python_version()}"
    return f"{today}: {versions}; {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}.\n"


def _terraform() -> str:
    shown = subprocess.run([find_binary(), "version", "-json"], capture_output=True, check=True)  # noqa: S603  # found
    return str(json.loads(shown.stdout)["terraform_version"])


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.*)$", known.read_text(), re.MULTILINE) if known.exists() else None
    return found[1] if found else platform.machine()
