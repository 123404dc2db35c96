"""`python -m release`, which `make package` runs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from release.building import ROOT, build, moment_of_build
from release.mirror import add_to_mirror, address_of
from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace import SOURCE


def main(arguments: Sequence[str]) -> int:
    """Build, print what was built, and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        address_of(options.source)  # fail before building, which takes half a minute
    except Error as error:
        sys.stderr.write(f"Error: {error.summary}\n\n{error.detail}\n")
        return 1
    release = build(options.dist.absolute(), moment_of_build(os.environ))
    for path in release.files:
        sys.stdout.write(f"{path.stat().st_size / 1e6:6.1f} MB  {os.path.relpath(path)}\n")
    for folder in add_to_mirror(options.mirror, options.source, release.packages) if options.mirror else []:
        sys.stdout.write(f"Mirrored in {folder}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make package", description="Builds everything that is published into a folder."
    )
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", metavar="DIR", help="target folder (default: dist)")
    parser.add_argument("--mirror", type=Path, metavar="DIR", help="also add the packages to this mirror")
    parser.add_argument(
        "--source",
        default=SOURCE,
        metavar="ADDRESS",
        help="address of the provider in the mirror (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
