"""The page docs/benchmarks.md: what was measured stands between markers, everything else is written by people."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pyperf

from terraform_plugin.testing import find_binary
from terraform_provider_dynatrace import __version__

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
_BETWEEN = "<!-- measured: {name} -->\n{text}<!-- end: {name} -->\n"


def with_measured(page: str, name: str, text: str) -> str:
    """Return the page with `text` between the markers of `name`. Raises `ValueError` where it has none."""
    pattern = re.escape(_BETWEEN).replace(r"\{name\}", re.escape(name)).replace(r"\{text\}", ".*?")
    written, found = re.subn(pattern, lambda _: _BETWEEN.format(name=name, text=text), page, flags=re.DOTALL)
    if found != 1:
        raise ValueError(f"the page has no place for {name}")
    return written


def write(name: str, text: str, page: Path = PAGE) -> None:
    """Put `text` where the page has a place for `name`."""
    page.write_text(with_measured(page.read_text(encoding="utf-8"), name, text), encoding="utf-8")


def machine() -> str:
    """Return date, versions and machine in one line, with how busy the machine is."""
    command = [find_binary(), "version", "-json"]
    terraform = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["terraform_version"]  # noqa: S603  # found
    known = pyperf.Run([1.0]).get_metadata()  # pyperf describes a machine only as part of a run
    python = str(known["python_version"]).partition(" ")[0]
    versions = f"{str(known['date'])[:10]}: provider {__version__}, Terraform {terraform}, Python {python}"
    processor = f"{known.get('cpu_model_name', 'unknown processor')}, {known['cpu_count']} cores"
    return f"{versions}; {processor}, {known['platform']}; load {known.get('load_avg_1min', 'unknown')}.\n"
