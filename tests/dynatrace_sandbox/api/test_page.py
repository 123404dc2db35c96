"""The page over HTTP: what it contains, what its forms do, and who may send them."""

import re
from typing import Any

import httpx2
import pytest

from dynatrace_sandbox.api.page import HEADERS, NOTICES
from dynatrace_sandbox.faults import KINDS
from tests.dynatrace_sandbox.in_process import SCHEMA, Tenant, objects

OWN = {"Host": "127.0.0.1:8085", "Origin": "http://127.0.0.1:8085", "Sec-Fetch-Site": "same-origin"}
"""What a browser sends with a form of the page."""
FAULT = {"kind": "respond", "method": "GET", "path": "/api/*", "times": "2", "status": "429", "seconds": "0"}


def submit(tenant: Tenant, path: str, form: dict[str, str] | None = None) -> httpx2.Response:
    return tenant.call("POST", f"/sandbox/page/{path}", "", data=form or {}, headers=OWN)


def test_the_page_shows_the_tenant_in_html(tenant: Tenant) -> None:
    """With headers that keep everything on this machine."""
    tenant.create("production")

    response = tenant.call("GET", "/", "")

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert ">production</h3>" in response.text
    assert re.findall(r"""(?:src|href|action)="(?!/|#)""", response.text) == []


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x>', "' onload='", "a\u202eb"])
def test_whatever_a_value_contains_stays_text(tenant: Tenant, text: str) -> None:
    """In the page, and in the parts that the script replaces."""
    tenant.create(text)
    tenant.call("GET", "/api/v2/" + text, "api-token")

    for html in (tenant.call("GET", "/", "").text, *tenant.call("GET", "/sandbox/page/live", "").json().values()):
        assert text not in html
        assert "<img src" not in html
        assert "<script>" not in html


def test_a_value_is_no_template(tenant: Tenant) -> None:
    """It is shown as it is."""
    tenant.create("{{ 7 * 7 }}")

    assert ">{{ 7 * 7 }}</h3>" in tenant.call("GET", "/", "").text


def test_the_parts_that_change_come_with_a_tag(tenant: Tenant) -> None:
    """304 while nothing changes."""
    first = tenant.call("GET", "/sandbox/page/live", "")
    again = tenant.call("GET", "/sandbox/page/live", "", headers={"If-None-Match": first.headers["etag"]})
    tenant.create("production")
    changed = tenant.call("GET", "/sandbox/page/live", "", headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert sorted(first.json()) == ["attempts", "aws", "connections", "faults", "requests"]
    assert "production" in changed.json()["connections"]


@pytest.mark.parametrize(
    ("name", "kind"), [("page.css", "text/css"), ("page.js", "text/javascript"), ("icon.svg", "image/svg+xml")]
)
def test_the_page_has_its_own_files(tenant: Tenant, name: str, kind: str) -> None:
    """Style, script and icon."""
    response = tenant.call("GET", f"/sandbox/page/{name}", "")

    assert (response.status_code, response.headers["content-type"].partition(";")[0]) == (200, kind)
    assert response.content


@pytest.mark.parametrize("name", ["nothing", "..%2fcontent.py", "content.py", "page.html"])
def test_no_other_file_is_served(tenant: Tenant, name: str) -> None:
    """Whatever the path contains."""
    assert tenant.call("GET", f"/sandbox/page/{name}", "").status_code == 404


def test_what_the_page_asks_for_is_no_request_to_dynatrace(tenant: Tenant) -> None:
    """The journal has none of it, and faults and the rate limit do not apply to it."""
    tenant.sandbox.configure({"request_rate": 1})
    submit(tenant, "faults", FAULT | {"method": "*", "path": "*"})

    statuses = [tenant.call("GET", path, "").status_code for path in ("/", "/sandbox/page/live") for _ in range(3)]

    assert set(statuses) == {200}
    assert tenant.sandbox.journal.entries() == []


def test_every_kind_of_fault_can_be_chosen(tenant: Tenant) -> None:
    """By a label that begins with its name."""
    html = tenant.call("GET", "/", "").text

    assert [kind for kind in KINDS if f'<option value="{kind}">{kind}' in html] == list(KINDS)


def test_a_fault_is_added_and_removed(tenant: Tenant) -> None:
    """The answer leads back to the page, which says what was done."""
    added = submit(tenant, "faults", FAULT)

    assert (added.status_code, added.headers["location"]) == (303, "/?done=fault#controls")
    assert tenant.call("GET", objects()).status_code == 429
    assert "applied 1 of 2" in tenant.call("GET", "/", "").text
    assert submit(tenant, "faults/remove").status_code == 303
    assert tenant.sandbox.faults.all() == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": "<b>"}, "kind must be one of respond, reset"),
        ({"times": "-1"}, "Invalid fault"),
        ({"times": ""}, "times must be a number"),
        ({"status": "1e999"}, "Invalid fault"),
        ({"seconds": "x" * 5000}, "seconds must be a number"),
    ],
)
def test_a_form_that_is_wrong_says_why(tenant: Tenant, changes: dict[str, str], problem: str) -> None:
    """On the page, with status 400; nothing changes."""
    response = submit(tenant, "faults", FAULT | changes)

    assert response.status_code == 400
    [alert] = re.findall(r'<p class="notice bad" role="alert">(.*?)</p>', response.text)
    assert problem in alert
    assert "<b>" not in alert
    assert tenant.sandbox.faults.all() == []


@pytest.mark.parametrize("path", ["faults", "options"])
def test_a_form_with_many_fields_is_refused(tenant: Tenant, path: str) -> None:
    """400: it is not a form of the page."""
    response = submit(tenant, path, {f"field{number}": "1" for number in range(101)})

    assert response.status_code == 400
    assert "at most 100 fields" in response.json()["error"]["message"]


def test_held_requests_are_released(tenant: Tenant) -> None:
    """A fault that is gone has released them already."""
    submit(tenant, "faults", FAULT | {"kind": "hold"})
    [fault] = tenant.sandbox.faults.all()

    assert submit(tenant, f"faults/{fault.number}/release").status_code == 303
    assert not fault.take("GET", "/api/v2")
    assert submit(tenant, "faults/99/release").status_code == 303
    assert submit(tenant, f"faults/{'9' * 5000}/release").status_code == 303


def options(tenant: Tenant, **changes: Any) -> dict[str, str]:
    """Return the form of the options as the page has it."""
    html = tenant.call("GET", "/", "").text
    numbers = dict(re.findall(r'id="option-\w+" name="(\w+)" type="number" [^>]*value="([^"]*)"', html))
    [release] = re.findall(r"<option selected>([^<]+)</option>", html)
    return numbers | {"release": release} | changes


def test_options_are_changed(tenant: Tenant) -> None:
    """The form has all of them, with their present values."""
    form = options(tenant, iam_propagation="2.5", release="0.0.26")
    assert (form["token_lifetime"], form["connection_deletion"]) == ("300", "1")

    assert submit(tenant, "options", form).headers["location"] == "/?done=options#options"
    assert (tenant.sandbox.options.iam_propagation, tenant.sandbox.options.release) == (2.5, "0.0.26")
    assert submit(tenant, "options", options(tenant, latency="60001")).status_code == 400
    assert tenant.sandbox.options.latency == 0


def test_tokens_are_revoked_and_the_sandbox_is_reset(tenant: Tenant) -> None:
    """Both sides begin again."""
    tenant.create("production")
    tenant.iam.add({})
    headers = tenant.headers("oauth")

    assert submit(tenant, "tokens/revoke").status_code == 303
    path = f"{objects('oauth')}?schemaIds={SCHEMA}"
    assert tenant.call("GET", path, "", headers=headers).status_code == 401
    assert submit(tenant, "reset").status_code == 303
    assert (list(tenant.sandbox.environment.store), tenant.iam.found, tenant.sandbox.journal.count) == ([], {}, 0)


def test_the_page_says_what_was_done_and_nothing_else(tenant: Tenant) -> None:
    """The query names a text of the page; no other text is shown."""
    for done, text in NOTICES.items():
        assert text in tenant.call("GET", f"/?done={done}", "").text
    assert "mischief" not in tenant.call("GET", "/?done=mischief", "").text


def test_credentials_are_lines_for_a_shell(tenant: Tenant) -> None:
    """With the address at which the page was opened."""
    html = tenant.call("GET", "/", "", headers={"Host": "localhost:8085"}).text
    assert len(re.findall("data-copy=", html)) == len(tenant.sandbox.credentials)

    [lines] = re.findall(
        r'<div [^>]*aria-label="Environment variables of platform-token"><pre>(.*?)</pre>', html, re.DOTALL
    )
    secret = tenant.sandbox.credentials["platform-token"].secret
    assert f"export DYNATRACE_PLATFORM_TOKEN={secret}\n" in lines
    assert "export DYNATRACE_ENV_URL=http://localhost:8085\n" in lines
    assert not lines.startswith("#")


@pytest.mark.parametrize("path", ["faults", "faults/remove", "faults/1/release", "options", "tokens/revoke", "reset"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:9999", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost:8085"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1:8085"},
    ],
)
def test_a_form_of_another_page_is_forbidden(tenant: Tenant, path: str, headers: dict[str, str]) -> None:
    """Also of a page at another port or name of this machine."""
    object_id = tenant.create("production")

    response = tenant.call("POST", f"/sandbox/page/{path}", "", headers={"Host": OWN["Host"]} | headers)

    assert response.status_code == 403
    assert [one.id for one in tenant.sandbox.environment.store] == [object_id]


@pytest.mark.parametrize("path", ["/", "/sandbox/page/live", "/sandbox/credentials"])
def test_no_other_page_reads_it(tenant: Tenant, path: str) -> None:
    """Nor is it shown in a frame of another page."""
    for site in ("cross-site", "same-site"):
        assert tenant.call("GET", path, "", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert tenant.call("GET", path, "", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("path", [objects(), "/login", "/sso/oauth2/token"])
def test_the_page_itself_reaches_nothing_of_dynatrace(tenant: Tenant, path: str) -> None:
    """It needs only what is the sandbox's own."""
    assert tenant.call("GET", path, "", headers=OWN).status_code == 403
