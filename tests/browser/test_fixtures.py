"""The browser that the tests of HTML pages use: it finds what they are to find."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import find
from tests.browser.conftest import Axe, watch

PAGE = "<!doctype html><html lang='en'><title>A page</title><main><h1>A page</h1>{}</main>"


async def test_a_page_is_shown_and_scripts_run(page: Page, axe: Axe) -> None:
    """The browser is a real one, and axe accepts a page without a fault."""
    await page.set_content(PAGE.format("<button onclick='this.textContent = 6 * 7'>Compute</button>"))

    await page.get_by_role("button").click()

    assert await page.get_by_role("button").text_content() == "42"
    await axe(page)


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("<img src='data:,'>", "image-alt"),
        ("<p style='color: #aaa; background: #fff'>pale</p>", "color-contrast"),
        ("<input>", "label"),
    ],
)
async def test_axe_finds_faults(page: Page, axe: Axe, fault: str, rule: str) -> None:
    """A check that finds nothing on a bad page would prove nothing about a good one."""
    await page.set_content(PAGE.format(fault))

    with pytest.raises(AssertionError, match=rule):
        await axe(page)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("<script>throw new Error('broken')</script>", "uncaught: broken"),
        ("<img alt='' src='https://example.com/pixel.png'>", "request to https://example.com/pixel.png"),
        (
            "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\"><style>p {}</style>",
            "Content Security Policy",
        ),
    ],
)
async def test_what_no_page_may_do_is_noticed(browser: Browser, fault: str, problem: str) -> None:
    """Scripts that fail, requests to other machines, and what the page's own policy forbids."""
    async with await browser.new_context() as context:
        problems = await watch(context)
        await (await context.new_page()).set_content(PAGE.format(fault))

    assert [problem in one for one in problems] == [True]


def test_a_browser_that_is_named_is_used(tmp_path: Path) -> None:
    """Of several browsers, the one in `CHROMIUM` is used; if it does not exist, no other takes its place."""
    own, system = tmp_path / "own", tmp_path / "chromium"
    for path in (own, system):
        path.touch(mode=0o700)

    assert find({"PATH": str(tmp_path)}) == str(system)
    assert find({"PATH": str(tmp_path), "CHROMIUM": str(own)}) == str(own)
    assert find({"PATH": str(tmp_path), "CHROMIUM": "/nowhere/chromium"}) is None


def test_a_browser_that_playwright_downloaded_is_found(tmp_path: Path) -> None:
    """The newest of them, where the system has none."""
    for build in ("chromium-999", "chromium-1255"):
        folder = tmp_path / ".cache/ms-playwright" / build / "chrome-linux"
        folder.mkdir(parents=True)
        (folder / "chrome").touch(mode=0o700)

    found = find({"PATH": str(tmp_path), "HOME": str(tmp_path)})

    assert found == str(tmp_path / ".cache/ms-playwright/chromium-1255/chrome-linux/chrome")
    assert find({"PATH": str(tmp_path), "HOME": "/nowhere"}) is None
