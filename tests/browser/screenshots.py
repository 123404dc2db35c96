"""`make screenshots`: takes the pictures of the README from real pages, in the same way each time.

The pages show a simulated environment, so that no real name is in a picture. Times and ports are replaced.
"""

from __future__ import annotations

import asyncio
import base64
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from dynatrace_sandbox.testing import running_sandbox
from tests.acceptance.connected_accounts import REACHED, connect_accounts, write_profiles
from tests.acceptance.test_doctor import command
from tests.browser.chromium import MISSING, find
from tests.browser.test_sandbox_page import refuse_role

IMAGES = Path(__file__).parents[2] / "docs/images"
ADDRESS, TIME = "https://abc12345.apps.dynatrace.com", "2 November 2026, 09:30 UTC"


def doctor_page(folder: Path) -> str:
    """Return the page of `doctor aws --all` for 60 connections over four accounts."""
    path = folder / "report.html"
    with running_sandbox(log="warning") as sandbox:
        connect_accounts(sandbox)
        variables = sandbox.environ("platform-token") | write_profiles(folder)
        profiles = [word for account in REACHED for word in ("--profile", account)]
        ended = command(variables, "doctor", "aws", "--all", "--html", str(path), *profiles)
        if not path.exists():
            raise RuntimeError(ended.stderr)
        text = path.read_text().replace(sandbox.url, ADDRESS)
    return re.sub(r"(<time[^>]*>)[^<]*", rf"\g<1>{TIME}", text)


async def picture(browser: Browser, url: str, *, height: int) -> bytes:
    """Return a picture of the upper part of a page, as on a light screen, in the format WebP, which is the smallest."""
    async with await browser.new_context(viewport={"width": 1200, "height": height}, color_scheme="light") as context:
        opened = await context.new_page()
        await opened.goto(url)
        session = await context.new_cdp_session(opened)
        taken = await session.send("Page.captureScreenshot", {"format": "webp", "quality": 80})
        return base64.b64decode(taken["data"])


async def pictures(browser_path: str, pages: Mapping[str, tuple[str, int]]) -> dict[str, bytes]:
    """Return a picture of each page, given by its address and its height in pixels, by the name of the picture."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_path)
        taken = {name: await picture(browser, url, height=height) for name, (url, height) in pages.items()}
        await browser.close()
    return taken


def main() -> int:
    """Take all pictures. Return the exit status."""
    browser_path = find()
    if browser_path is None:
        sys.stderr.write(f"{MISSING}\n")
        return 1
    with tempfile.TemporaryDirectory() as name, running_sandbox(log="warning") as sandbox:
        page = Path(name) / "page.html"
        page.write_text(doctor_page(Path(name)))
        refuse_role(sandbox, "production")
        pages = {"doctor.webp": (page.as_uri(), 760), "sandbox.webp": (sandbox.url, 960)}
        taken = asyncio.run(pictures(browser_path, pages))
    for file, content in taken.items():
        (IMAGES / file).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
