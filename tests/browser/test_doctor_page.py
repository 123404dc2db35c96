"""The page of `doctor aws --all --html` in a browser: 60 connections over four accounts, as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from dynatrace_sandbox.testing import running_sandbox
from terraform_provider_dynatrace.cli.doctor.page import write_page
from tests.acceptance.connected_accounts import (
    ACCOUNTS,
    BROKEN,
    OPEN,
    OWNERLESS,
    REACHED,
    connect_accounts,
    write_profiles,
)
from tests.acceptance.test_doctor import command
from tests.browser.conftest import Axe
from tests.terraform_provider_dynatrace.cli.doctor.overviews import FAILED, overview, row

HOSTILE = "</script><b>bold</b><img src=x onerror='document.title = 1'> & \"quoted\""
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page, which the command has written."""
    folder = tmp_path_factory.mktemp("report")
    with running_sandbox() as sandbox:
        connect_accounts(sandbox)
        variables = sandbox.environ("platform-token") | write_profiles(folder)
        profiles = [word for account in REACHED for word in ("--profile", account)]
        path = folder / "report.html"
        ended = command(variables, "doctor", "aws", "--all", "--html", str(path), *profiles)
        assert (ended.returncode, ended.stderr.splitlines()[-1]) == (1, f"Wrote {path}.")
        yield path.as_uri()


async def names(page: Page) -> list[str]:
    """Return the connections in the order in which they are shown."""
    return await page.locator("tbody:visible th").all_inner_texts()


async def test_the_page_alone_explains_the_tenant(page: Page, url: str) -> None:
    """How many work, which do not, what fails in each, how to correct it, and whose they are."""
    await page.goto(url)

    assert await page.get_by_role("heading", level=1).inner_text() == "AWS connections"
    counts = await page.locator(".counts li").all_inner_texts()
    assert [" ".join(one.split()) for one in counts] == ["10 fail", "15 not checked", "35 ok", "2 let others in"]
    assert (await names(page))[:10] == sorted(f"{name}-2" for name in BROKEN)
    for account, changes in ((ACCOUNTS[1], BROKEN), (ACCOUNTS[2], OPEN)):
        for name, change in changes.items():
            text = await page.locator("tbody").filter(has_text=f"{name}-{account[0]}").inner_text()
            assert change.says in text
            assert ("Failed:" if changes is BROKEN else "Warning, not ensured:") in text
    for name in OWNERLESS:
        row = page.locator("tbody").filter(has_text=f"{name}-1")
        assert await row.locator(".owner").inner_text() == "none"


async def test_why_connections_were_not_checked_is_one_link_away(page: Page, url: str) -> None:
    """The reason is the same for all 15 connections of the account."""
    await page.goto(url)

    links = page.get_by_role("link", name="Why it was not checked")
    assert await links.count() == 15
    await links.last.click()

    await expect(page.locator("#reason-1:target")).to_contain_text("the role's account 444444444444 (aws)")


async def test_columns_are_sorted_with_the_keyboard(page: Page, url: str) -> None:
    """A second press reverses the order. The column says how it is sorted, and so does a live region."""
    await page.goto(url)
    head = page.get_by_role("columnheader", name="Connection")
    verdict = page.get_by_role("columnheader", name="Verdict")
    assert await verdict.get_attribute("aria-sort") == "ascending"
    first = await names(page)

    await verdict.get_by_role("button").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")

    assert await head.get_attribute("aria-sort") == "ascending"
    assert await verdict.get_attribute("aria-sort") is None
    assert await names(page) == sorted(first)
    assert await page.get_by_role("status").text_content() == "Sorted by connection, ascending."
    await page.keyboard.press("Space")
    assert await head.get_attribute("aria-sort") == "descending"
    assert await names(page) == sorted(first, reverse=True)
    await verdict.get_by_role("button").click()
    assert await names(page) == first


async def test_what_explains_a_connection_stays_with_it(page: Page, url: str) -> None:
    """Sorting moves both of its rows."""
    await page.goto(url)

    await page.get_by_role("button", name="Owner").click()

    broken = page.locator("tbody").filter(has_text="billing-prod-2")
    assert await broken.locator("tr").count() == 2
    assert "has a scheme" in await broken.locator("tr").last.inner_text()
    assert (await names(page))[:5] == sorted(f"{name}-1" for name in OWNERLESS)


async def test_the_filter_keeps_what_contains_a_text(page: Page, url: str) -> None:
    """In any column, also in the reasons; upper and lower case are the same."""
    await page.goto(url)

    await page.get_by_label("Filter").fill("HAS A SCHEME")
    assert await names(page) == ["billing-prod-2"]
    assert await page.get_by_role("status").text_content() == "1 of 60 connections shown."
    await page.get_by_label("Filter").fill("")
    assert len(await names(page)) == 60


async def test_checks_that_passed_are_shown_on_request(page: Page, url: str) -> None:
    """With the keyboard, too."""
    await page.goto(url)
    details = page.locator("details").first

    await details.locator("summary").focus()
    await page.keyboard.press("Enter")

    assert "The role's account has an OIDC provider" in await details.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_axe_finds_no_fault(page: Page, axe: Axe, url: str, scheme: str, size: dict[str, int]) -> None:
    """On a screen and on a phone, light and dark; with the details open."""
    await page.set_viewport_size({"width": size["width"], "height": size["height"]})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(url)
    await page.locator("details").first.evaluate("element => element.open = true")

    await axe(page)


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
async def test_nothing_has_to_be_scrolled_sideways(page: Page, url: str, width: int) -> None:
    """Each cell has its label on a narrow screen, because there are no columns."""
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(url)

    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    label = await page.locator("tbody td.kind").first.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert label == ('"Kind"' if width < 992 else "none")
    assert await page.get_by_role("table").count() == 1
    assert await page.get_by_role("columnheader").count() == 7


@pytest.mark.parametrize("width", [320, 1000, 1280])
async def test_the_longest_names_do_not_widen_the_page(page: Page, tmp_path: Path, width: int) -> None:
    """A name of 100 characters, and one of a role of 64 characters, without a place to break a line."""
    consumers = ["SVC:com.dynatrace.openpipeline", "APP:dynatrace.aws.connector"]
    longest = row("x" * 100, FAILED, role_arn=f"arn:aws:iam::123456789012:role/{'x' * 64}", consumers=consumers)
    write_page(tmp_path / "report.html", overview(longest))
    await page.set_viewport_size({"width": width, "height": 800})

    await page.goto((tmp_path / "report.html").as_uri())

    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_dark_screen_gets_a_dark_page(page: Page, url: str) -> None:
    """And paper a light one."""
    await page.emulate_media(color_scheme="dark")
    await page.goto(url)
    background = "getComputedStyle(document.body).backgroundColor"

    assert await page.evaluate(background) == "rgb(21, 22, 26)"
    await page.emulate_media(color_scheme="dark", media="print")
    assert await page.evaluate(background) == "rgb(255, 255, 255)"
    assert not await page.locator("details").first.is_visible()


async def test_without_scripts_everything_can_be_read(page: Page, url: str, tmp_path: Path) -> None:
    """Programs for mail remove scripts. Then there is no filter and nothing to press."""
    text = Path(url.removeprefix("file://")).read_text()
    start, end = text.index("<script>"), text.index("</script>")
    (tmp_path / "mailed.html").write_text(text[:start] + text[end + len("</script>") :])

    await page.goto((tmp_path / "mailed.html").as_uri())

    assert len(await names(page)) == 60
    assert await page.get_by_role("button").count() == 0
    assert not await page.get_by_label("Filter").is_visible()


async def test_a_hostile_name_is_only_text(page: Page, tmp_path: Path) -> None:
    """It is shown as Dynatrace has it, and can be sorted and searched like any other."""
    write_page(tmp_path / "report.html", overview(row(HOSTILE, FAILED), row("b", FAILED)))

    await page.goto((tmp_path / "report.html").as_uri())
    await page.get_by_role("button", name="Connection").click()
    await page.get_by_label("Filter").fill("<b>bold")

    assert await names(page) == [HOSTILE]
    assert await page.locator("img, b b, th b").count() == 0
    assert (await page.title()).startswith("AWS connections of ")
