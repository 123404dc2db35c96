"""`python -m release`: what `make package` runs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from release.building import ROOT, build, moment_of_build


def main() -> int:
    """Build, and say what was built. Return the exit status."""
    parser = argparse.ArgumentParser(prog="make package", description="Builds what is published, into a folder.")
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", metavar="DIR", help="the folder (default: dist)")
    options = parser.parse_args()
    release = build(options.dist.absolute(), moment_of_build(os.environ))
    for path in (release.package, release.wheel, release.manifest, release.sums):
        sys.stdout.write(f"{path.stat().st_size / 1e6:6.1f} MB  {os.path.relpath(path)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
