"""Builds everything that is published into one folder."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from release.archive import files_below, write_zip
from release.describing import describe
from release.freezing import freeze
from release.published import executable_name, parsed, this_target, write_manifest, write_sums, zip_name
from release.wheel import build_wheel
from terraform_provider_dynatrace import __version__

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Release:
    """What was built: the package for this platform, and the files published with it."""

    package: Path
    materials: Path
    licences: Path
    wheel: Path
    manifest: Path
    sums: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """All files, in the order in which they are printed."""
        return (self.package, self.materials, self.licences, self.wheel, self.manifest, self.sums)

    @property
    def packages(self) -> list[Path]:
        """The zips of this version, including those of other platforms in the same folder."""
        return sorted(
            path for path in self.package.parent.glob("*.zip") if (parsed(path.name) or ("",))[0] == __version__
        )


def moment_of_build(environment: Mapping[str, str], root: Path = ROOT) -> int:
    """Return the time of all built files in seconds since 1970: SOURCE_DATE_EPOCH, or the time of the last commit.

    Raises `SystemExit` if neither is known.
    """
    if given := environment.get("SOURCE_DATE_EPOCH"):
        return int(given)
    asked = ["git", "log", "-1", "--format=%ct"]
    found = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    if found.returncode:
        raise SystemExit(
            "This is not a git checkout. Set SOURCE_DATE_EPOCH to the time of the build, in seconds since 1970."
        )
    return int(found.stdout)


def build(dist: Path, moment: int) -> Release:
    """Build everything into `dist`, and keep other versions and platforms in it. Raises `SystemExit` on failure."""
    dist.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="package-") as work:
        frozen = freeze(executable_name(__version__, sys.platform), Path(work), moment)
        target = this_target(sys.platform, platform.machine())
        described = describe(frozen, Path(work), moment)
        package = dist / zip_name(__version__, target)
        write_zip(files_below(frozen.folder) | described.in_package, package, moment)
        materials = Path(shutil.copy(described.materials, dist / f"{package.stem}_sbom.cdx.json"))
        licences = Path(shutil.copy(described.licences, dist / f"{package.stem}_licences.md"))
    wheel = build_wheel(ROOT, dist, moment)
    manifest = write_manifest(dist, __version__)
    return Release(package, materials, licences, wheel, manifest, write_sums(dist, __version__))
