"""HTML pages in a real browser: Chromium, driven by Playwright, and axe for accessibility.

A test is an `async def` that takes `page`:

    async def test_the_page_lists_connections(page: Page, axe: Axe) -> None:
        await page.goto(f"file://{path}")
        assert await page.locator("tbody tr").count() == 60
        await axe(page)

`page` is 1280 pixels wide. `await page.set_viewport_size({"width": 360, "height": 740})` makes it a phone's, and
`await page.emulate_media(color_scheme="dark")` dark.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe as AxeCore
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Route, async_playwright

from tests.browser.chromium import MISSING, find
from tests.served_sandbox import sandbox, served

__all__ = ["anyio_backend", "axe", "browser", "page", "sandbox", "served"]

Axe = Callable[[Page], Awaitable[None]]

_ARGUMENTS = [
    "--disable-background-networking",  # the browser itself sends nothing either
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_LOCAL = ("file:", "data:", "blob:", "about:", "http://127.0.0.1:", "http://localhost:", "http://[::1]:")


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """One event loop for all tests of a module, because they share a browser."""
    return "asyncio", {}


@pytest.fixture(scope="module")
async def browser(anyio_backend: object) -> AsyncIterator[Browser]:
    """Chromium without a window."""
    path = find()
    if path is None:
        pytest.fail(MISSING, pytrace=False)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield launched
        await launched.close()


async def watch(context: BrowserContext) -> list[str]:
    """Return the list to which everything is added that no page may do.

    These are exceptions that a script has not caught, violations of the page's own Content-Security-Policy, and
    requests to other machines, which are not sent.
    """
    problems: list[str] = []

    async def stay_here(route: Route) -> None:
        if route.request.url.startswith(_LOCAL):
            await route.continue_()
        else:
            problems.append(f"request to {route.request.url}")
            await route.abort()

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            problems.append(message.text)

    await context.route("**/*", stay_here)
    context.on("weberror", lambda failure: problems.append(f"uncaught: {failure.error}"))
    context.on("console", listen)
    return problems


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """An empty page with its own cookies. The test fails if the page does what `watch` lists."""
    async with await browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce") as context:
        problems = await watch(context)
        yield await context.new_page()
    assert problems == []


@pytest.fixture
def axe() -> Axe:
    """Return what fails if axe finds a violation of its accessibility rules on a page."""

    async def check(page: Page) -> None:
        results = await AxeCore().run(page)
        assert results.violations_count == 0, results.generate_report()

    return check
