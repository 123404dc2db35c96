"""Responses of Dynatrace, as values or errors."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.masking import mask
from terraform_provider_dynatrace.client.errors import (
    Conflict,
    DynatraceError,
    NotFound,
    Rejected,
    ServerFault,
    UnexpectedResponse,
    Violation,
)
from terraform_provider_dynatrace.client.json import Json
from terraform_provider_dynatrace.client.responses import (
    MAX_VIOLATIONS,
    Request,
    Response,
    failure,
    results,
    value,
)
from tests.terraform_provider_dynatrace.far_end import API_TOKEN

READ = Request("GET", "abc12345.live.dynatrace.com", "/api/v2/settings/objects/X", "read", API_TOKEN)
WRITE = Request("POST", "abc12345.live.dynatrace.com", "/api/v2/settings/objects", "write", API_TOKEN)
STS = "Unable to assume role with web identity. (AccessDenied)"


def response(status: int, body: object = None, content_type: str = "application/json", **headers: str) -> Response:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Response(status, {"content-type": content_type} | headers, content)


def envelope(status: int, message: str, *violations: tuple[str, str]) -> dict[str, object]:
    found = [{"path": path, "message": text, "location": None} for path, text in violations]
    return {"error": {"code": status, "message": message, "constraintViolations": found}}


def test_json_becomes_a_value() -> None:
    """A successful response is its decoded JSON; an empty one is None."""
    assert value(READ, response(200, {"items": []}), Json) == {"items": []}
    assert value(READ, response(204, b""), Json) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [(402, Rejected), (408, ServerFault), (413, Rejected), (422, Rejected), (500, ServerFault), (599, ServerFault)],
)
def test_a_status_that_no_page_documents_has_an_error(status: int, kind: type[DynatraceError]) -> None:
    """It says what was tried and what came back. Documented ones: `settings/test_documented_responses.py`."""
    found = failure(WRITE, response(status, envelope(status, "the server's own words")))

    assert type(found) is kind
    assert found.status == status
    assert f"POST /api/v2/settings/objects returned {status}" in found.detail
    assert "the server's own words" in found.detail


def test_a_path_into_an_array_is_a_path_into_the_value() -> None:
    """Validators prefix the path with the schema and the index of the element."""
    path = "builtin:hyperscaler-authentication.connections.aws/0/awsWebIdentity/consumers"

    found = failure(WRITE, response(400, envelope(400, "no", (path, "too many"), ("builtin:x.y/3", "all wrong"))))

    assert isinstance(found, Rejected)
    assert [violation.path for violation in found.violations] == ["awsWebIdentity/consumers", ""]


def test_html_instead_of_json_shows_its_title() -> None:
    """A login page is shown with its title, and the request is not retried."""
    page = b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>"

    with pytest.raises(UnexpectedResponse, match='an HTML page titled "Sign in"') as caught:
        value(READ, response(200, page, "text/html"), Json)

    assert not caught.value.retry.transient


@pytest.mark.parametrize("body", [b'{"items": [{"objec', b"[", b'{"a": \xff}', b"{" * 100_000, b'{"a":' * 100_000])
def test_half_a_response_may_be_complete_the_next_time(body: bytes) -> None:
    """Truncated or malformed JSON is a temporary failure."""
    with pytest.raises(UnexpectedResponse) as caught:
        value(READ, response(200, body), Json)

    assert caught.value.retry.transient


def test_a_redirect_names_only_the_host_it_leads_to() -> None:
    """The rest of such an address can hold session tickets."""
    found = failure(READ, response(302, b"", location="https://sso.dynatrace.com/login?ticket=T0P5ECRET"))

    assert isinstance(found, UnexpectedResponse)
    assert "sso.dynatrace.com" in found.detail
    assert "T0P5ECRET" not in str(found)


def test_an_html_error_page_still_means_its_status() -> None:
    """A proxy's 503 page is a server fault that shows the page's title."""
    found = failure(READ, response(503, b"<html><title>Maintenance</title>", "text/html"))

    assert isinstance(found, ServerFault)
    assert "Maintenance" in found.detail


def test_each_element_of_an_array_has_its_own_result() -> None:
    """207: each element has its own id or failure, in order."""
    body = [
        {"code": 200, "objectId": "A"},
        {"code": 400, **envelope(400, "Validation failed", ("name", "too short"))},
        {"code": 409, "error": {"code": 409, "message": "in use"}},
        {"code": 200},
    ]

    first, second, third, fourth = results(WRITE, response(207, body), 4)

    assert first == "A"
    assert isinstance(second, Rejected)
    assert second.violations == (Violation("name", "too short"),)
    assert isinstance(third, Conflict)
    assert fourth == ""


def test_all_elements_failing_is_still_an_array() -> None:
    """400 with an array is one failure for each element."""
    body = [{"code": 400, **envelope(400, "no", ("name", text))} for text in ("a", "b")]

    found = results(WRITE, response(400, body), 2)

    assert [item.violations for item in found if isinstance(item, Rejected)] == [
        (Violation("name", "a"),),
        (Violation("name", "b"),),
    ]


@pytest.mark.parametrize("body", [[], [{"code": 200}, {"code": 200}], {"objectId": "A"}, "A"])
def test_a_list_of_another_form_is_unexpected(body: object) -> None:
    """Results that cannot be assigned to the objects are an error."""
    with pytest.raises(UnexpectedResponse):
        results(WRITE, response(200, body), 1)


@pytest.mark.parametrize("item", ["x", 7, None, {"objectId": ["A"]}, {"code": "200"}, {"objectId": 7}])
def test_a_result_of_another_form_costs_itself_and_not_the_list(item: object) -> None:
    """It is unexpected, and the object may exist; it never becomes an ID."""
    first, second = results(WRITE, response(207, [item, {"code": 200, "objectId": "B"}]), 2)

    assert isinstance(first, UnexpectedResponse)
    assert first.outcome_unknown
    assert second == "B"


def test_a_struct_is_decoded_from_a_response() -> None:
    """JSON in another form, or none at all, is unexpected; the message says what is wrong, and never a value."""

    class Page(msgspec.Struct):
        items: list[int]

    assert value(READ, response(200, {"items": [7]}), Page) == Page([7])
    odd: list[object] = [{}, {"items": ["SECRET"]}, [], None]
    for body in odd:
        with pytest.raises(UnexpectedResponse, match="JSON in an unknown form") as caught:
            value(READ, response(200, body), Page)
        assert "SECRET" not in str(caught.value)
    with pytest.raises(UnexpectedResponse, match="not JSON"):
        value(READ, response(200, b""), Page)


def test_a_server_can_name_the_missing_scopes() -> None:
    """The newer API does so in the details of an error; they are shown instead of the usual scope."""
    details = {"missingScopes": ["settings:objects:admin"]}

    forbidden = failure(WRITE, response(403, {"error": {"code": 403, "message": "no", "details": details}}))

    assert "needs the scope settings:objects:admin" in forbidden.detail


@pytest.mark.parametrize("odd", [7, "x", None, [], {"path": 7}, {"message": ["x"]}])
def test_a_violation_in_another_form_costs_itself_and_not_the_others(odd: object) -> None:
    """What can be read still helps the user."""
    error = {"code": 400, "message": "no", "constraintViolations": [odd, {"path": "name", "message": "taken"}]}

    found = failure(WRITE, response(400, {"error": error}))

    assert isinstance(found, Rejected)
    assert found.violations == (Violation("name", "taken"),)


def test_ten_thousand_violations_do_not_fill_the_screen() -> None:
    """The first twenty are shown, and how many more there are."""
    found = failure(
        WRITE, response(400, envelope(400, "no", *[("name", f"reason {number}") for number in range(10_000)]))
    )

    assert isinstance(found, Rejected)
    assert len(found.violations) == MAX_VIOLATIONS
    assert "… and 9980 more reasons" in found.detail
    assert len(found.detail) < 2000


def test_a_secret_in_the_servers_words_is_masked_before_they_are_cut() -> None:
    """A part of a secret would not be recognised."""
    secret = "dt0c01.MASKEDPUBLICPART.MASKEDSECRETPARTMASKEDSECRETPART"
    mask(secret)

    for length in range(1900, 2001, 5):
        found = failure(READ, response(400, envelope(400, "x" * length + secret)))
        assert "MASKED" not in found.detail


def test_the_servers_words_are_made_fit_for_a_terminal() -> None:
    """Control characters are dropped, endless texts are cut."""
    found = failure(READ, response(400, envelope(400, "\x1b[31mred" + "x" * 10_000)))

    assert "\x1b" not in found.detail
    assert len(found.detail) < 3000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "message", "constraintViolations", "path", "objectId"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.integers(200, 599), st.binary() | JSON.map(msgspec.json.encode))
def test_any_response_results_in_a_value_or_an_error(status: int, body: bytes) -> None:
    """However malformed it is."""
    given_response = Response(status, {}, body)

    for read in (lambda found: value(WRITE, found, Json), lambda found: results(WRITE, found, 1)):
        try:
            read(given_response)
        except DynatraceError as error:
            shown = error
        else:
            continue
        assert shown.summary
        assert shown.detail


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("/api/v2/settings/objects", "its permission may be limited to other schemas, or the API token belongs"),
        ("/api/v2/settings/objects/ID", "the object is private to another owner, who can share it, or the API token"),
        ("/platform/extensions/v2/extensions/x/monitoring-configurations/ID", "the API token belongs to another"),
    ],
)
def test_a_403_names_another_owner_only_where_there_is_an_object(path: str, cause: str) -> None:
    """A create and a list are not about an object that somebody could own. Monitoring configurations have no owner."""
    request = msgspec.structs.replace(WRITE, path=path)

    found = failure(request, response(403, {"error": {"code": 403, "message": "no"}}))

    assert f"If it has the scope, {cause}" in found.detail


@pytest.mark.parametrize(
    "path",
    [
        "/e/x/api/v2/settings/objects",
        "/platform/classic/environment-api/v2/settings/schemas",
        "/api/v2/settings/schemas/builtin%3Ahyperscaler-authentication.connections.aws",
    ],
)
def test_a_404_for_a_collection_or_a_schema_is_not_about_an_object(path: str) -> None:
    """Nothing was deleted: the URL is wrong, or the environment does not know the schema. The source is shown."""
    request = msgspec.structs.replace(
        READ, path=path, url='the URL (DYNATRACE_ENV_URL, which is "https://example.com")'
    )

    found = failure(request, response(404, b"<html></html>", "text/html"))

    assert (type(found), found.summary) == (NotFound, "No Settings API at this URL, or no such schema")
    assert 'Check the URL (DYNATRACE_ENV_URL, which is "https://example.com").' in found.detail
    assert "/e/ and the environment ID" in found.detail
    assert "deleted" not in found.detail
