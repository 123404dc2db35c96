"""The sandbox's page in a browser: what a person sees while Terraform runs, and does with keyboard and mouse."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from playwright.async_api import Locator, Page, expect

from dynatrace_sandbox.testing import RunningSandbox, running_sandbox
from tests.acceptance.tenants import create, role_based, trusting_role, web_identity
from tests.browser.conftest import Axe

OBJECTS = "/api/v2/settings/objects"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
ROLE = "arn:aws:iam::222222222222:role/dynatrace"


def create_role(sandbox: RunningSandbox, external_id: str) -> None:
    """Create a role in a second account that trusts one connection."""
    client: Any = boto3.client(
        "iam",
        endpoint_url=sandbox.aws_url,
        region_name="us-east-1",
        aws_access_key_id="222222222222",
        aws_secret_access_key="any",
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::314146291599:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    client.create_role(RoleName="dynatrace", AssumeRolePolicyDocument=json.dumps(policy))


def refuse_role(sandbox: RunningSandbox, name: str = "staging") -> str:
    """Let a connection exist whose role trusts another one; return its ID."""
    ids = create(sandbox, [role_based(name)])
    create_role(sandbox, "another-connection")
    body = {"value": role_based(name, ROLE)}
    assert sandbox.call("PUT", f"{OBJECTS}/{ids[name]}", json=body).status_code == 400
    return ids[name]


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


async def test_a_person_watches_connections_come(page: Page, sandbox: RunningSandbox) -> None:
    """Without reloading: connection, role, OIDC provider, decision and requests."""
    await page.goto(sandbox.url)
    await expect(section(page, "Connections")).to_contain_text("No connections yet")
    with trusting_role(sandbox) as arn:
        create(sandbox, [web_identity("production", arn)], "platform-token")

        card = section(page, "Connections").get_by_role("listitem").filter(has_text="production")
        await expect(card).to_contain_text("Role assumed")
        await expect(card).to_contain_text("(credential oauth)")
        await expect(section(page, "AWS accounts")).to_contain_text("Account 123456789012")
        await expect(section(page, "AWS accounts")).to_contain_text("abc12345.apps.dynatrace.com/app-id/dynatrace.aws")
        allowed = section(page, "Assumed roles").locator("details").filter(has_text="production")
        await expect(allowed).to_contain_text("Allowed")
        await expect(allowed.get_by_role("row", name="client IDs")).to_contain_text("Matches")
        rows = section(page, "Requests to Dynatrace").get_by_role("row")
        await expect(rows.filter(has_text="POST")).to_contain_text("200")
        await expect(page.locator("#live")).to_have_text("Live")


async def test_many_connections_are_a_list_to_open(page: Page, sandbox: RunningSandbox) -> None:
    """A few are shown in full. Of more, each is one line with its name and state until a person opens it."""
    create(sandbox, [role_based(f"few-{number}") for number in range(3)])
    await page.goto(sandbox.url)
    await expect(section(page, "Connections").locator("details[open]")).to_have_count(3)

    create(sandbox, [role_based(f"many-{number:02}") for number in range(57)])
    await page.goto(sandbox.url)

    cards = section(page, "Connections").get_by_role("listitem")
    await expect(cards).to_have_count(60)
    await expect(section(page, "Connections").locator("details[open]")).to_have_count(0)
    card = cards.filter(has_text="many-41")
    await expect(card.get_by_text("Role-based")).to_be_hidden()
    await card.get_by_text("many-41").click()
    await expect(card.get_by_text("Role-based")).to_be_visible()


async def test_a_role_that_is_refused_shows_what_differs(page: Page, sandbox: RunningSandbox) -> None:
    """What AWS requires stands beside what Dynatrace presented."""
    object_id = refuse_role(sandbox)

    await page.goto(sandbox.url)

    card = section(page, "Connections").get_by_role("listitem").filter(has_text="staging")
    await expect(card).to_contain_text("Role refused")
    await expect(card).to_contain_text(ROLE)
    attempt = section(page, "Assumed roles").locator("details").first
    await expect(attempt).to_contain_text("Denied")
    row = attempt.get_by_role("row", name="StringEquals sts:ExternalId")
    cells = await row.get_by_role("cell").all_inner_texts()
    assert cells == ["another-connection", object_id, "Differs"]
    await expect(attempt.get_by_role("row", name="Principal")).to_contain_text("Matches")


async def test_what_is_open_and_focused_stays_while_the_page_changes(page: Page, sandbox: RunningSandbox) -> None:
    """A new attempt comes above; the older one, which a person opened with the keyboard, stays open and focused."""
    refuse_role(sandbox, "first")
    refuse = {"value": role_based("first", ROLE)}
    [found] = sandbox.objects()
    await page.goto(sandbox.url)
    older = page.locator("#attempt-1")
    await expect(older).to_have_attribute("open", "")
    await older.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(older).not_to_have_attribute("open", "")

    assert sandbox.call("PUT", f"{OBJECTS}/{found['objectId']}", json=refuse).status_code == 400

    await expect(page.locator("#attempt-2")).to_have_attribute("open", "")
    await expect(older).not_to_have_attribute("open", "")
    await expect(older.locator("summary")).to_be_focused()


async def test_a_fault_is_added_and_removed_with_the_keyboard(page: Page, sandbox: RunningSandbox) -> None:
    """Every field has a label, and the page says what was done."""
    await page.goto(sandbox.url)
    await page.get_by_label("Method").focus()
    await page.keyboard.type("GET")
    await page.get_by_label("Path, with * as a wildcard").fill("/api/v2/*")
    await page.get_by_label("Status, to respond").fill("429")
    await page.keyboard.press("Enter")

    await expect(page.locator(".notice")).to_have_text("The fault is active.")
    assert sandbox.call("GET", OBJECTS).status_code == 429
    await expect(section(page, "Faults")).to_contain_text("applied 1 of 1")
    await page.get_by_role("button", name="Remove all faults").focus()
    await page.keyboard.press("Space")
    await expect(page.locator(".notice")).to_have_text("All faults are removed.")
    await expect(section(page, "Faults")).to_contain_text("No faults are active")


async def test_options_and_the_reset(page: Page, sandbox: RunningSandbox) -> None:
    """The reset is asked for twice: it is behind a summary."""
    refuse_role(sandbox)
    await page.goto(sandbox.url)
    await page.get_by_label("Seconds until a new role can be assumed").fill("7.5")
    await page.get_by_role("button", name="Change options").click()
    await expect(page.get_by_label("Seconds until a new role can be assumed")).to_have_value("7.5")

    await expect(page.get_by_role("button", name="Delete everything")).to_be_hidden()
    await page.get_by_text("Reset the sandbox").click()
    await page.get_by_role("button", name="Delete everything").click()

    await expect(section(page, "Connections")).to_contain_text("No connections yet")
    await expect(page.get_by_label("Seconds until a new role can be assumed")).to_have_value("0")
    assert (sandbox.objects(), sandbox.aws()["roles"]) == ([], [])


async def test_credentials_are_copied(page: Page, sandbox: RunningSandbox) -> None:
    """As lines for a shell; a screen reader hears whose lines a button copies."""
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(sandbox.url)

    await page.get_by_role("button", name="Copy the lines of platform-token").first.click()

    await expect(page.locator("#said")).to_have_text("Copied")
    copied = await page.evaluate("navigator.clipboard.readText()")
    assert f"export DYNATRACE_PLATFORM_TOKEN={sandbox.credentials['platform-token']['secret']}\n" in copied
    assert f"export DYNATRACE_ENV_URL={sandbox.url}\n" in copied


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_is_accessible_and_fits(
    page: Page, axe: Axe, sandbox: RunningSandbox, size: Any, scheme: Any
) -> None:
    """In every colour scheme and width, with everything opened; it never scrolls sideways."""
    refuse_role(sandbox, "<b>staging</b> with a long name" + "x" * 60)
    sandbox.fault("hold", "GET", "/api/v2/a-path-that-does-not-exist-" + "x" * 100)
    await page.set_viewport_size(size)
    await page.emulate_media(color_scheme=scheme)
    await page.goto(sandbox.url)
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")

    await axe(page)
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]


async def test_it_works_without_its_script(page: Page, sandbox: RunningSandbox) -> None:
    """The forms are plain forms; buttons that need the script are not shown."""
    assert page.context.browser
    async with await page.context.browser.new_context(java_script_enabled=False) as context:
        plain = await context.new_page()
        await plain.goto(sandbox.url)
        await plain.get_by_role("button", name="Add fault").click()

        await expect(plain.locator(".notice")).to_have_text("The fault is active.")
        await expect(plain.get_by_role("button", name="Copy")).to_have_count(0)
        await expect(plain.locator("noscript")).to_contain_text("Reload the page", use_inner_text=True)


async def test_a_sandbox_that_is_gone_is_noticed(page: Page) -> None:
    """The page stays, and says so."""
    with running_sandbox() as sandbox:
        await page.goto(sandbox.url)
        await expect(page.locator("#live")).to_have_text("Live")

    await expect(page.locator("#live")).to_have_text("The sandbox does not respond")


async def test_another_page_cannot_use_it(page: Page, sandbox: RunningSandbox) -> None:
    """A form of a page at another port of this machine is refused, and nothing changes."""
    with running_sandbox() as other:
        await page.goto(f"{other.url}/login")
        create(sandbox, [role_based("staging")])
        form = f"<form method=post action='{sandbox.url}/sandbox/page/reset'><button>Go</button></form>"
        await page.set_content(f"<!doctype html><title>Other</title>{form}")
        await page.get_by_role("button").click()

        await expect(page.locator("body")).to_contain_text("The sandbox accepts no requests from web pages.")
        assert len(sandbox.objects()) == 1
