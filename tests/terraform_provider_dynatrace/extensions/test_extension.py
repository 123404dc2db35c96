"""One extension, as resources use it: lost responses, conflicts, and what is read once."""

from __future__ import annotations

import httpx2
import pytest

from terraform_plugin import Path
from terraform_provider_dynatrace.client.apis import MONITORING_CONFIGURATIONS
from terraform_provider_dynatrace.client.errors import Conflict, DynatraceError, NotFound, Rejected, ServerFault
from terraform_provider_dynatrace.config.arguments import read_settings
from terraform_provider_dynatrace.config.connect import options
from terraform_provider_dynatrace.deadline import deadline
from terraform_provider_dynatrace.extensions.api import ExtensionsApi
from terraform_provider_dynatrace.extensions.extension import MAX_CONFLICTS, Extension
from terraform_provider_dynatrace.extensions.model import contains, version_key
from terraform_provider_dynatrace.extensions.plan_checks import Offered
from tests.terraform_provider_dynatrace.far_end import FarEnd, client_of, json, refusal

from .test_api import NAME, TOKEN, item

LOST = refusal(502, "Bad Gateway")
VALUE = {"description": "new", "aws": {"credentials": [{"accountId": "1"}]}}
STORED = {"description": "new", "aws": {"credentials": [{"accountId": "1", "enabled": False}], "more": 1}}


def extension(far_end: FarEnd) -> Extension:
    client = client_of(far_end, credential=TOKEN.for_api(MONITORING_CONFIGURATIONS))
    return Extension(ExtensionsApi(client, client, NAME))


def listed(*values: object) -> object:
    return {"items": [item(f"id {index}") | {"value": value} for index, value in enumerate(values)]}


async def test_a_create_whose_response_was_lost_is_looked_for() -> None:
    """By everything that was sent; it is not sent again."""
    far_end = FarEnd(LOST, json(listed({"description": "old"}, STORED)))

    created = await extension(far_end).create("integration-aws", VALUE)

    assert created.object_id == "id 1"
    assert [request.method for request in far_end.requests] == ["POST", "GET"]


async def test_a_create_that_had_no_effect_is_repeated() -> None:
    """The list does not contain it, so nothing is doubled."""
    far_end = FarEnd(LOST, json(listed({"description": "old"})), json(item("A") | {"objectId": "A"}, 201))

    created = await extension(far_end).create("integration-aws", VALUE)

    assert created.object_id == "A"
    assert [request.method for request in far_end.requests] == ["POST", "GET", "POST"]


async def test_a_create_is_found_although_the_list_was_late() -> None:
    """Dynatrace refuses a second configuration for the account."""
    taken = refusal(400, "Validation failed", ("aws/credentials", "Account ID must be unique"))
    far_end = FarEnd(LOST, json(listed()), taken, json(listed(STORED)))

    created = await extension(far_end).create("integration-aws", VALUE)

    assert created.object_id == "id 0"
    assert [request.method for request in far_end.requests] == ["POST", "GET", "POST", "GET"]


async def test_a_refusal_after_a_lost_response_is_the_error() -> None:
    """If the list still does not contain it."""
    far_end = FarEnd(LOST, json(listed()), refusal(400, "no"), json(listed()))

    with pytest.raises(Rejected):
        await extension(far_end).create("integration-aws", VALUE)

    assert [request.method for request in far_end.requests] == ["POST", "GET", "POST", "GET"]


@pytest.mark.parametrize("found", [json(listed(STORED, STORED)), refusal(403, "no")])
async def test_what_cannot_be_found_again_is_the_first_error(found: httpx2.Response) -> None:
    """More than one, or a list that fails: nothing is sent again."""
    far_end = FarEnd(LOST, found)

    with pytest.raises(ServerFault):
        await extension(far_end).create("integration-aws", VALUE)

    assert [request.method for request in far_end.requests] == ["POST", "GET"]


async def test_a_create_is_not_repeated_if_nothing_is_to_be() -> None:
    """`max_retries = 0`."""
    far_end = FarEnd(LOST, json(listed()))
    no_retries = options(read_settings({"max_retries": 0}, {}))
    client = client_of(far_end, credential=TOKEN.for_api(MONITORING_CONFIGURATIONS), options=no_retries)

    with pytest.raises(ServerFault):
        await Extension(ExtensionsApi(client, client, NAME)).create("integration-aws", VALUE)

    assert [request.method for request in far_end.requests] == ["POST", "GET"]


async def test_a_create_that_runs_out_of_time_may_have_had_an_effect() -> None:
    """The error is the one of the request that was sent, and not that there is no time left."""
    far_end = FarEnd(LOST, json(listed()))

    with deadline(0.2), pytest.raises(ServerFault) as caught:
        await extension(far_end).create("integration-aws", VALUE)

    assert caught.value.outcome_unknown


async def test_a_refused_create_is_not_looked_for() -> None:
    """Nothing was created."""
    far_end = FarEnd(refusal(400, "no"))

    with pytest.raises(DynatraceError):
        await extension(far_end).create("integration-aws", VALUE)

    assert len(far_end.requests) == 1


async def test_a_change_starts_again_after_a_conflict() -> None:
    """With what is there then."""
    far_end = FarEnd(
        json(item("A") | {"value": {"n": 1}}),
        refusal(409, "changed"),
        json(item("A") | {"value": {"n": 2, "theirs": True}}),
        json({}),
    )

    edited = await extension(far_end).edit("A", lambda value: {**value, "n": 3})

    assert edited.value == {"n": 3, "theirs": True}
    assert far_end.bodies()[-1] == {"value": {"n": 3, "theirs": True}}


async def test_conflicts_do_not_last_for_ever() -> None:
    """The last one is raised."""
    steps = [json(item("A") | {"value": {"n": 1}}), refusal(409, "changed")] * (MAX_CONFLICTS + 1)

    with pytest.raises(Conflict):
        await extension(FarEnd(*steps)).edit("A", lambda value: {**value, "n": 3})


async def test_nothing_is_sent_where_nothing_changes() -> None:
    """The second apply of the same plan, for example."""
    far_end = FarEnd(json(item("A") | {"value": {"n": 1}}))

    await extension(far_end).edit("A", lambda value: value)

    assert [request.method for request in far_end.requests] == ["GET"]


async def test_what_is_gone_cannot_be_changed() -> None:
    """The message says what to do."""
    with pytest.raises(NotFound, match="Run terraform plan again"):
        await extension(FarEnd(refusal(404, "no"))).edit("A", lambda value: value)


async def test_what_was_read_is_not_read_again_until_it_is_written() -> None:
    """A list counts as a read of everything on it."""
    far_end = FarEnd(json(listed({"n": 1})), json({}), json(item("id 0") | {"value": {"n": 2}}))
    found = extension(far_end)

    await found.snapshot()
    await found.snapshot()
    assert (await found.get("id 0")) == (await found.snapshot())[0]
    assert len(far_end.requests) == 1

    await found.delete("id 0")
    read = await found.get("id 0")
    assert read
    assert read.value == {"n": 2}


@pytest.mark.parametrize(
    ("value", "part", "expected"),
    [
        (STORED, VALUE, True),
        ({"a": [1, 2]}, {"a": [1]}, False),
        ({"a": None}, {"a": None}, True),
        ({}, {"a": None}, False),
        ([], {}, False),
    ],
)
def test_a_value_contains_what_was_sent(value: object, part: object, *, expected: bool) -> None:
    """Objects may have more properties, lists may not have more elements."""
    assert contains(value, part) == expected


def test_versions_are_ordered_by_their_numbers() -> None:
    """1.10.0 comes after 1.9.2, and a part that is not a number counts as 0."""
    assert sorted(["1.10.0", "1.9.2", "1.9.2-beta", "1.0"], key=version_key) == ["1.0", "1.9.2-beta", "1.9.2", "1.10.0"]


@pytest.mark.virtual_time
def test_a_version_with_endless_digits_has_a_place_in_the_order() -> None:
    """Python reads no number of more than 4,300 digits."""
    assert sorted(["1.0.0", "9" * 5000, "0.9.0"], key=version_key) == ["9" * 5000, "0.9.0", "1.0.0"]


def test_a_suggestion_is_looked_for_among_a_thousand_values() -> None:
    """To compare the hundred thousands that fit into a response would block every other operation."""
    few, many = (["other"] * count + ["us-east-1"] for count in (999, 1000))

    [hinted], [plain] = (
        [*Offered("region", values, "1.0.0").problems(["us-east-2"], Path("regions"))] for values in (few, many)
    )

    assert "Did you mean us-east-1?" in hinted.detail
    assert "Did you mean" not in plain.detail


async def test_a_new_configuration_is_waited_for() -> None:
    """For the values that Dynatrace chose, it is read right after the create. Later, it can be gone."""
    created = json(item("A") | {"objectId": "A"}, 201)
    missing, found = refusal(404, "no"), json(item("A") | {"value": STORED})
    far_end = FarEnd(created, missing, missing, found, json(None, 204), missing)
    of_tests = extension(far_end)
    await of_tests.create("integration-aws", VALUE)

    assert await of_tests.get("A") is not None
    await of_tests.delete("A")
    assert await of_tests.get("A") is None
