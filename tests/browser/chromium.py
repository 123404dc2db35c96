"""Finds the Chromium that the tests of HTML pages use, or installs it: `make browser`.

Playwright drives any Chromium of about its own age, so the system's browser is used if there is one. It needs no
download, and it gets security updates with the system.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLE = "CHROMIUM"
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "The tests of HTML pages need Chromium. `make browser` installs it. If there is one that is not on the path, set "
    f"{VARIABLE} to its executable."
)


def find(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the path of the browser that `CHROMIUM` names, else of the system's, else of Playwright's own."""
    if named := environ.get(VARIABLE):
        return shutil.which(named, path=environ.get("PATH"))
    found = (shutil.which(command, path=environ.get("PATH")) for command in COMMANDS)
    return next((path for path in found if path), None) or next(_downloaded(environ), None)


def _downloaded(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the browsers that `playwright install chromium` has downloaded, the newest first.

    Source: https://playwright.dev/python/docs/browsers#managing-browser-binaries.
    """
    home = Path(environ.get("HOME", "~")).expanduser()
    caches = [home / ".cache/ms-playwright", home / "Library/Caches/ms-playwright"]
    if elsewhere := environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        caches = [Path(elsewhere)]
    names = ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*", "chrome-win*/chrome.exe")
    for cache in caches:
        for folder in sorted(
            cache.glob("chromium-*"), key=lambda path: int(path.name.rpartition("-")[2]), reverse=True
        ):
            yield from (str(path) for name in names for path in folder.glob(name))


def install() -> None:
    """Install Chromium from Debian's packages where this process may, otherwise Playwright's build of it.

    Raises `CalledProcessError`.
    """
    if shutil.which("apt-get") and os.geteuid() == 0:
        quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=quietly)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        subprocess.run(command, check=True, env=quietly, stdout=subprocess.DEVNULL)
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> int:
    """Make sure that there is a browser, and print its path. Return the exit status."""
    if find() is None:
        try:
            install()
        except subprocess.CalledProcessError as failure:
            sys.stderr.write(f"Cannot install Chromium: {' '.join(failure.cmd)} ended with {failure.returncode}.\n")
    path = find()
    sys.stdout.write(f"Chromium: {path}\n") if path else sys.stderr.write(f"{MISSING}\n")
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
