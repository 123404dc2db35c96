"""The requests of the Settings API, as they are sent."""

from __future__ import annotations

from itertools import count

import httpx2
import pytest

from terraform_provider_dynatrace.client.errors import Conflict, Rejected, UnexpectedResponse
from terraform_provider_dynatrace.settings.api import MAX_LIST_BYTES, MAX_PAGES, PAGE_SIZE, SettingsApi
from tests.terraform_provider_dynatrace.far_end import FarEnd, client_of, json, refusal

ITEM = {"objectId": "A", "value": {"name": "conn"}}


def api(far_end: FarEnd) -> SettingsApi:
    return SettingsApi(client_of(far_end), "builtin:x")


async def names(settings: SettingsApi, condition: str | None = None) -> list[str]:
    return [found.object_id async for page in settings.pages(condition) for found in page.objects]


async def test_a_list_is_asked_for_in_pages_of_500() -> None:
    """With everything that an object read by id would have; the key of the next page goes alone."""
    far_end = FarEnd(json({"items": [ITEM], "nextPageKey": "K 1/2"}), json({"items": [ITEM | {"objectId": "B"}]}))

    assert await names(api(far_end), "value.name = 'x'") == ["A", "B"]

    first, second = (dict(request.url.params) for request in far_end.requests)
    assert (first["schemaIds"], first["scopes"], first["pageSize"]) == ("builtin:x", "environment", "500")
    assert first["filter"] == "value.name = 'x'"
    assert {"objectId", "value", "updateToken", "owner", "schemaId"} <= set(first["fields"].split(","))
    assert second == {"nextPageKey": "K 1/2"}


async def test_a_list_that_never_ends_is_given_up() -> None:
    """Each page names another one, as from a broken or hostile server."""
    numbers = count()

    async def another(_: httpx2.Request) -> httpx2.Response:
        return json({"items": [], "nextPageKey": f"page {next(numbers)}"})

    with pytest.raises(UnexpectedResponse, match=f"more than {MAX_PAGES} pages"):
        await names(api(FarEnd(another)))

    assert next(numbers) == MAX_PAGES + 1


async def test_a_list_that_turns_in_a_circle_ends() -> None:
    """The same key twice is an error, not a loop."""
    with pytest.raises(UnexpectedResponse, match="does not end"):
        await names(api(FarEnd(json({"items": [], "nextPageKey": "K"}))))


@pytest.mark.parametrize(
    "body", [None, [], {}, {"items": {}}, {"items": [], "nextPageKey": ["K"]}, {"items": [], "nextPageKey": {}}]
)
async def test_a_list_in_another_form_is_unexpected(body: object) -> None:
    """It does not count as an empty list."""
    with pytest.raises(UnexpectedResponse, match="unknown form"):
        await names(api(FarEnd(json(body))))


@pytest.mark.parametrize("item", [7, {"objectId": "A"}, {"objectId": 7, "value": {}}, {"objectId": "A", "value": []}])
async def test_an_object_that_cannot_be_read_costs_itself_and_not_the_list(item: object) -> None:
    """The page says why."""
    far_end = FarEnd(json({"items": [item, ITEM | {"objectId": "B"}], "totalCount": 2}))

    [page] = [page async for page in api(far_end).pages()]

    assert [found.object_id for found in page.objects] == ["B"]
    assert ["cannot be read" in problem for problem in page.unreadable] == [True]
    assert page.total == 2


async def test_an_object_of_another_schema_is_left_out() -> None:
    """The list is for one schema only."""
    items = [ITEM | {"schemaId": "builtin:y"}, ITEM | {"objectId": "B", "schemaId": "builtin:x"}]

    assert await names(api(FarEnd(json({"items": items})))) == ["B"]


async def test_an_object_on_two_pages_is_one_object() -> None:
    """Pages shift while someone creates an object."""
    items = [ITEM | {"objectId": name} for name in "ABC"]
    far_end = FarEnd(json({"items": items[:2], "nextPageKey": "K"}), json({"items": items[1:]}))

    assert await names(api(far_end)) == ["A", "B", "C"]


@pytest.mark.parametrize("total", [-5, 0, 1e30, 10**26, True, "7", {}, None])
async def test_a_total_that_is_not_a_number_is_not_needed(total: object) -> None:
    """The list can be read without it."""
    assert await names(api(FarEnd(json({"items": [ITEM], "totalCount": total})))) == ["A"]


async def test_a_page_with_more_objects_than_asked_for_is_refused() -> None:
    """A page of a hundred thousand would take hundreds of megabytes."""
    items = [{"objectId": str(number), "value": {}} for number in range(PAGE_SIZE + 1)]

    with pytest.raises(UnexpectedResponse, match="A page has 501 objects"):
        await names(api(FarEnd(json({"items": items}))))


async def test_a_list_of_more_than_64_megabytes_is_refused() -> None:
    """In however many pages; only one page is in memory."""
    numbers = count()

    async def another(_: httpx2.Request) -> httpx2.Response:
        number = next(numbers)
        item = {"objectId": str(number), "value": {"name": "x" * (10 << 20)}}
        return json({"items": [item], "nextPageKey": f"page {number}"})

    with pytest.raises(UnexpectedResponse, match="more than 64 MB"):
        await names(api(FarEnd(another)))

    assert next(numbers) == MAX_LIST_BYTES // (10 << 20) + 1


@pytest.mark.parametrize("object_id", ["../schemas", "a/b", "a?b", "%2e%2e", "ü #"])
async def test_an_id_stays_one_step_of_the_path(object_id: str) -> None:
    """Whatever is typed as an ID, the request does not reach another endpoint."""
    far_end = FarEnd(refusal(404, "no"))

    assert await api(far_end).get(object_id) is None

    [sent] = far_end.requests
    assert sent.url.raw_path.decode().startswith("/api/v2/settings/objects/")
    assert sent.url.raw_path.count(b"/") == 5
    assert sent.url.query == b""


async def test_a_create_sends_its_external_id() -> None:
    """A create is an array of one object, which has an external ID."""
    far_end = FarEnd(json([{"code": 200, "objectId": "A"}]))

    assert await api(far_end).create({"name": "conn"}, "E") == "A"
    assert far_end.bodies() == [
        [{"schemaId": "builtin:x", "scope": "environment", "value": {"name": "conn"}, "externalId": "E"}]
    ]


@pytest.mark.parametrize("body", [[{"code": 200}], [{"code": 200, "objectId": ""}]])
async def test_a_create_without_an_id_is_unexpected(body: object) -> None:
    """Terraform could never find the object again."""
    with pytest.raises(UnexpectedResponse):
        await api(FarEnd(json(body))).create({}, "E")


async def test_validation_writes_nothing_and_tells_results_apart() -> None:
    """Several values, new and existing, in one array."""
    error = {"code": 400, "message": "no", "constraintViolations": [{"path": "name", "message": "taken"}]}
    far_end = FarEnd(json([{"code": 200}, {"code": 400, "error": error}], 207))

    fine, refused = await api(far_end).validate([{"name": "a"}, {"name": "b"}])

    assert fine is None
    assert isinstance(refused, Rejected)
    assert dict(far_end.requests[0].url.params) == {"validateOnly": "true"}
    assert [sorted(item) for item in far_end.bodies()[0]] == [["schemaId", "scope", "value"]] * 2


async def test_a_change_is_validated_by_a_put() -> None:
    """The documented way: an objectId in a POST only counts together with an externalId."""
    far_end = FarEnd(httpx2.Response(204))

    await api(far_end).put("A", {"name": "b"}, "T", validate_only=True)

    [sent] = far_end.requests
    assert (sent.method, sent.url.path) == ("PUT", "/api/v2/settings/objects/A")
    assert dict(sent.url.params) == {"validateOnly": "true"}
    assert far_end.bodies() == [{"value": {"name": "b"}, "updateToken": "T"}]


async def test_a_put_sends_the_update_token() -> None:
    """A 409 is a conflict with a change by someone else."""
    far_end = FarEnd(refusal(409, "changed"))

    with pytest.raises(Conflict):
        await api(far_end).put("A", {"name": "b"}, "T")

    assert far_end.bodies() == [{"value": {"name": "b"}, "updateToken": "T"}]


async def test_deleting_a_missing_object_succeeds() -> None:
    """A delete of an object that is gone succeeds, also after a DELETE whose response was lost."""
    far_end = FarEnd(httpx2.ReadError("reset"), refusal(404, "no"))

    await api(far_end).delete("A")

    assert len(far_end.requests) == 2
