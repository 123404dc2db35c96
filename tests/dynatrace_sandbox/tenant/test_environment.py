"""Creating, replacing, changing and deleting settings objects.

Source: docs/design/0008-sources.md#settings-post-object, #settings-put-object and #settings-delete-object.
"""

import asyncio
from typing import Any

import pytest

from dynatrace_sandbox.tenant.environment import Environment
from dynatrace_sandbox.tenant.permissions import Permissions
from dynatrace_sandbox.tenant.problems import Problem, Violation
from tests.dynatrace_sandbox.in_process import (
    ROLE,
    SCHEMA,
    Tenant,
    creation,
    objects,
    role_based,
    trusting,
    violations,
    web_identity,
)


def test_a_second_connection_of_the_same_name_is_refused(tenant: Tenant) -> None:
    """Violation at `name`, in the words that users read."""
    tenant.create("connection")

    response = tenant.call("POST", objects(), json=[creation("connection", role_based("connection"))])

    assert response.status_code == 400
    assert violations(response) == {"name": "There is another connection defined under this name."}


def test_a_name_is_free_again_after_a_rename_and_a_delete(tenant: Tenant) -> None:
    """Only what exists now counts."""
    object_id = tenant.create("before")

    assert tenant.put(object_id, web_identity("after")).status_code == 200
    assert tenant.create("before")
    assert tenant.put(object_id, web_identity("before")).status_code == 400
    assert tenant.call("DELETE", f"{objects()}/{object_id}").status_code == 204
    assert tenant.create("after")


def test_the_name_of_a_private_connection_is_in_use(tenant: Tenant) -> None:
    """A name is refused although the caller cannot see who has it."""
    tenant.create("connection", "platform-token")

    response = tenant.call("POST", objects(), json=[creation("connection")])

    assert (response.status_code, tenant.names()) == (400, [])


def test_a_post_with_a_known_external_id_replaces(tenant: Tenant) -> None:
    """So a create can be repeated when its response was lost. Source: docs/design/0008-sources.md#settings-concepts."""
    first = tenant.create("connection", externalId="mine")

    again = tenant.create("connection", externalId="mine")
    renamed = tenant.create("renamed", externalId="mine")

    assert first == again == renamed
    assert tenant.names() == ["renamed"]
    assert tenant.get(first).json()["externalId"] == "mine"


def test_an_external_id_belongs_to_one_object_of_its_scope(tenant: Tenant) -> None:
    """B12: it is unique on the target scope, so that an object of another schema cannot have it."""
    schemas = tenant.sandbox.environment.schemas
    schemas["other"] = {**schemas[SCHEMA], "schemaId": "other"}
    tenant.create("connection", externalId="mine")

    response = tenant.call("POST", objects(), json=[creation("other", externalId="mine") | {"schemaId": "other"}])

    assert (response.status_code, list(violations(response))) == (400, ["externalId"])


def test_an_object_gets_an_external_id(tenant: Tenant) -> None:
    """A1: `objectId` with an `externalId` replaces that object, which has the external ID from then on."""
    object_id = tenant.create("connection", externalId="before")

    assert tenant.create("renamed", objectId=object_id, externalId="after") == object_id
    assert tenant.create("again", externalId="after") == object_id
    assert tenant.create("connection", externalId="before") != object_id


def test_ids_of_two_objects_are_refused(tenant: Tenant) -> None:
    """A1: which one would be replaced is not clear. Source: docs/design/0008-sources.md#settings-post-object."""
    tenant.create("first", externalId="mine")
    second = tenant.create("second")

    response = tenant.call("POST", objects(), json=[creation("renamed", objectId=second, externalId="mine")])

    assert (response.status_code, list(violations(response))) == (400, ["objectId"])
    assert tenant.names() == ["first", "second"]


def test_an_object_id_that_does_not_exist_is_not_found(tenant: Tenant) -> None:
    """A1: 404, in the form of an element."""
    response = tenant.call("POST", objects(), json=[creation("connection", objectId="none", externalId="mine")])

    assert (response.status_code, response.json()[0]["code"]) == (404, 404)


def test_an_object_id_without_an_external_id_has_no_effect(tenant: Tenant) -> None:
    """A1: the element is a new object. Source: docs/design/0008-sources.md#settings-post-object."""
    object_id = tenant.create("connection")

    response = tenant.call("POST", objects(), json=[creation("connection", objectId=object_id)])

    assert violations(response) == {"name": "There is another connection defined under this name."}
    assert tenant.create("renamed", objectId=object_id) != object_id
    assert tenant.names() == ["connection", "renamed"]


def test_an_existing_object_is_validated_by_put(tenant: Tenant) -> None:
    """A1: by POST with an `objectId` it is validated as a new object, whose role does not trust it."""
    object_id, only = tenant.create("connection"), {"validateOnly": "true"}
    tenant.iam.add(trusting(object_id))
    tenant.put(object_id, web_identity("connection", ROLE))
    renamed = web_identity("renamed", ROLE)

    by_post = tenant.call("POST", objects(), json=[creation(value=renamed, objectId=object_id)], params=only)
    by_put = tenant.call("PUT", f"{objects()}/{object_id}", json={"value": renamed}, params=only)

    assert (by_post.status_code, list(violations(by_post))) == (400, ["awsWebIdentity/roleArn"])
    assert by_put.status_code == 200
    assert tenant.names() == ["connection"]


def test_another_users_external_id_does_not_open_the_object(tenant: Tenant) -> None:
    """B2: replacing needs write permission; 403 is one envelope, and no element of the array is carried out."""
    tenant.create("connection", "platform-token", externalId="mine")

    response = tenant.call("POST", objects(), json=[creation("first"), creation("other", externalId="mine")])

    assert (response.status_code, response.json()["error"]["code"]) == (403, 403)
    assert (tenant.names(), tenant.names("platform-token")) == ([], ["connection"])


def test_every_write_changes_the_update_token(tenant: Tenant) -> None:
    """A read does not."""
    object_id = tenant.create("connection")
    tokens = [tenant.get(object_id).json()["updateToken"] for _ in range(2)]

    tenant.put(object_id, web_identity("renamed"))

    assert tokens[0] == tokens[1] != tenant.get(object_id).json()["updateToken"]


def test_an_old_update_token_conflicts(tenant: Tenant) -> None:
    """PUT and DELETE with it are 409 and change nothing; without a token they overwrite."""
    object_id = tenant.create("connection")
    token = tenant.get(object_id).json()["updateToken"]
    tenant.put(object_id, web_identity("by somebody else"))
    path = f"{objects()}/{object_id}"

    assert tenant.put(object_id, web_identity("mine"), updateToken=token).status_code == 409
    assert tenant.call("DELETE", path, params={"updateToken": token}).status_code == 409
    assert tenant.names() == ["by somebody else"]
    assert tenant.put(object_id, web_identity("mine")).status_code == 200
    current = tenant.get(object_id).json()["updateToken"]
    assert tenant.call("DELETE", path, params={"updateToken": current}).status_code == 204


def test_validation_alone_stores_nothing(tenant: Tenant) -> None:
    """`validateOnly` judges like the real thing, for POST and PUT."""
    only = {"validateOnly": "true"}
    object_id = tenant.create("connection")
    bodies = [creation("other"), creation("connection"), creation("x")]

    created = tenant.call("POST", objects(), json=bodies, params=only)
    changed = tenant.call("PUT", f"{objects()}/{object_id}", json={"value": web_identity("renamed")}, params=only)

    assert (created.status_code, [item["code"] for item in created.json()]) == (207, [200, 400, 400])
    assert (changed.status_code, tenant.names()) == (200, ["connection"])


def test_violations_of_the_schema_name_schema_and_position(tenant: Tenant) -> None:
    """The path begins with the schema and the element's position in the array."""
    response = tenant.call("POST", objects(), json=[creation("good"), creation("x")])

    (violation,) = response.json()[1]["error"]["constraintViolations"]
    assert response.json()[1]["error"]["message"] == "Validation failed for 1 Validators."
    assert violation["path"] == f"{SCHEMA}/1/name"
    assert response.json()[1]["invalidValue"] == web_identity("x")


@pytest.mark.parametrize(
    ("item", "code", "path"),
    [
        ("x", 400, ""),
        ({"schemaId": SCHEMA, "scope": "environment"}, 400, "value"),
        ({"value": web_identity(), "scope": "environment"}, 400, "schemaId"),
        (creation() | {"externalId": 7}, 400, "externalId"),
        (creation() | {"externalId": "x" * 501}, 400, "externalId"),
        (creation() | {"insertAfter": 7}, 400, "insertAfter"),
        (creation() | {"schemaVersion": 7}, 400, "schemaVersion"),
        (creation() | {"schemaVersion": "1.0.0"}, 400, "schemaVersion"),
        (creation() | {"schemaVersion": "newest"}, 400, "schemaVersion"),
        (creation() | {"schemaVersion": ""}, 400, "schemaVersion"),
        (creation() | {"schemaVersion": "9" * 5000}, 400, "schemaVersion"),
        (creation() | {"schemaId": "builtin:none"}, 404, None),
        (creation() | {"scope": "HOST-1"}, 404, None),
    ],
)
def test_an_invalid_element_is_refused(tenant: Tenant, item: Any, code: int, path: str | None) -> None:
    """B10: missing or wrong parts are 400 with their path; an unknown schema or scope is 404."""
    response = tenant.call("POST", objects(), json=[item])

    assert (response.status_code, response.json()[0]["code"]) == (code, code)
    assert path is None or path in violations(response)


@pytest.mark.parametrize("version", ["0.0.24", "0.0.26", "0.0.27", None])
def test_a_value_can_be_of_an_older_version(tenant: Tenant, version: str | None) -> None:
    """B10: it is stored as one of the newest; a configuration goes on working when the schema gets a new version."""
    object_id = tenant.create("connection", schemaVersion=version)

    assert tenant.put(object_id, web_identity("renamed"), schemaVersion=version).status_code == 200
    assert tenant.get(object_id).json()["schemaVersion"] == "0.0.27"


@pytest.mark.parametrize("version", ["0.0.28", "1.0.0", "x", 7])
def test_an_update_has_no_unknown_version(tenant: Tenant, version: Any) -> None:
    """B10: 400, which is the strict side: no source says."""
    response = tenant.put(tenant.create("connection"), web_identity("renamed"), schemaVersion=version)

    assert (response.status_code, list(violations(response))) == (400, ["schemaVersion"])


def test_input_is_repaired_on_request(tenant: Tenant) -> None:
    """B21: with `repairInput=true`, as the official provider sends it, a null list of consumers is an empty one.

    With the default in its place, `role_based_auth {}` would be replaced by every apply of the official provider.
    """
    value = role_based("connection")
    value["awsRoleBasedAuthentication"]["consumers"] = None
    body, repair = [creation("connection", value)], {"repairInput": "true"}

    assert tenant.call("POST", objects(), json=body).status_code == 400
    made = tenant.call("POST", objects(), json=body, params=repair)
    assert made.status_code == 200
    object_id = made.json()[0]["objectId"]
    assert tenant.get(object_id).json()["value"]["awsRoleBasedAuthentication"]["consumers"] == []
    path = f"{objects()}/{object_id}"
    assert tenant.call("PUT", path, json={"value": value}).status_code == 400
    assert tenant.call("PUT", path, json={"value": value}, params=repair).status_code == 200


def test_an_environment_holds_3000_connections(tenant: Tenant) -> None:
    """The 3001st is refused, a change of one of them is not."""
    bodies = [creation(f"connection {number}") for number in range(3000)]
    for start in range(0, 3000, 500):
        assert tenant.call("POST", objects(), json=bodies[start : start + 500]).status_code == 200

    response = tenant.call("POST", objects(), json=[creation("one more")])

    assert "maximum of 3000 objects" in response.json()[0]["error"]["message"]
    first = next(iter(tenant.sandbox.environment.store)).id
    assert tenant.put(first, web_identity("renamed")).status_code == 200


def test_a_role_is_assumed_only_when_it_is_set(tenant: Tenant) -> None:
    """A connection can be renamed although its role does not trust it any more."""
    object_id = tenant.create("connection")
    tenant.iam.add(trusting(object_id))
    assert tenant.put(object_id, web_identity("connection", ROLE)).status_code == 200
    tenant.iam.reset()

    assert tenant.put(object_id, web_identity("renamed", ROLE)).status_code == 200
    assert len(tenant.sandbox.aws_check.attempts) == 1


class SlowCheck:
    """A check of values that takes, for one with a role ARN, until the test lets it finish."""

    def __init__(self) -> None:
        self.started, self.finished = asyncio.Event(), asyncio.Event()

    async def __call__(self, _object_id: str, value: Any, _before: Any) -> list[Violation]:
        if value["awsWebIdentity"]["roleArn"]:
            self.started.set()
            await self.finished.wait()
        return []


async def test_an_object_that_changes_during_its_check_conflicts() -> None:
    """The check takes time; the request that is done first wins."""
    check = SlowCheck()
    environment = Environment({SCHEMA: check}, lambda: 0.0)
    caller = Tenant.caller("api-token")
    made = await environment.create(caller, creation("connection"))
    value = web_identity("connection", ROLE)
    setting = asyncio.create_task(environment.update(caller, made["objectId"], value))
    await check.started.wait()

    renamed = await environment.update(caller, made["objectId"], web_identity("new"))
    check.finished.set()

    assert renamed["code"] == 200
    with pytest.raises(Problem) as refused:
        await setting
    assert refused.value.code == 409


async def test_permissions_that_change_during_a_check_do_not_conflict() -> None:
    """The official provider sets role ARN and permissions at the same time; neither is lost."""
    check = SlowCheck()
    environment = Environment({SCHEMA: check}, lambda: 0.0)
    caller = Tenant.caller("platform-token")
    made = await environment.create(caller, creation("connection"))
    value = web_identity("connection", ROLE)
    setting = asyncio.create_task(environment.update(caller, made["objectId"], value))
    await check.started.wait()

    shared = {"accessor": {"type": "all-users"}, "permissions": ["r"]}
    await Permissions(environment, seconds=0).add(caller, made["objectId"], shared)
    check.finished.set()

    assert (await setting)["code"] == 200
    after = environment.readable(caller, made["objectId"])
    assert (after.value, after.accessors) == (value, {("all-users", ""): ("r",)})


async def test_two_creates_during_one_check_cannot_have_one_name() -> None:
    """Names are compared again after the check."""
    checked = asyncio.Event()

    async def slow(_object_id: str, _value: Any, _before: Any) -> list[Violation]:
        await checked.wait()
        return []

    environment = Environment({SCHEMA: slow}, lambda: 0.0)
    caller = Tenant.caller("api-token")
    first, second = (asyncio.create_task(environment.create(caller, creation("one"))) for _ in range(2))
    await asyncio.sleep(0)
    checked.set()

    assert (await first)["code"] == 200
    with pytest.raises(Problem) as refused:
        await second
    assert refused.value.code == 400


def test_names_with_unusual_characters_are_kept(tenant: Tenant) -> None:
    """Control characters, right-to-left marks, quotes and HCL syntax are only text."""
    name = "a\n\t\u0000\u202e\"'${x}%{if}\\ ✓"

    assert tenant.get(tenant.create(name)).json()["value"]["name"] == name
    assert tenant.names() == [name]


def test_the_store_keeps_order_through_changes() -> None:
    """An object that changes stays where it is in the list."""
    tenant = Tenant()
    first = tenant.create("first")
    tenant.create("second")

    tenant.put(first, web_identity("renamed"))

    assert tenant.names() == ["renamed", "second"]
