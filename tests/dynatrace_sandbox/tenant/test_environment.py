"""The pretend tenant's settings objects: creating, replacing, changing, deleting."""

import asyncio
from typing import Any

import pytest

from dynatrace_sandbox.tenant.environment import Environment
from dynatrace_sandbox.tenant.objects import ObjectStore
from dynatrace_sandbox.tenant.problems import Problem, Violation
from dynatrace_sandbox.tenant.validation import load_schemas
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

    answer = tenant.call("POST", objects(), json=[creation("connection", role_based("connection"))])

    assert answer.status_code == 400
    assert violations(answer) == {"name": "There is another connection defined under this name."}


def test_a_name_is_free_again_after_a_rename_and_a_delete(tenant: Tenant) -> None:
    """Uniqueness is about what exists now."""
    object_id = tenant.create("before")

    assert tenant.put(object_id, web_identity("after")).status_code == 200
    assert tenant.create("before")
    assert tenant.put(object_id, web_identity("before")).status_code == 400
    assert tenant.call("DELETE", f"{objects()}/{object_id}").status_code == 204
    assert tenant.create("after")


def test_a_private_connection_holds_its_name_too(tenant: Tenant) -> None:
    """A name is refused although the caller cannot see who has it."""
    tenant.create("connection", "platform-token")

    answer = tenant.call("POST", objects(), json=[creation("connection")])

    assert (answer.status_code, tenant.names()) == (400, [])


def test_a_post_with_a_known_external_id_replaces(tenant: Tenant) -> None:
    """So a create can be repeated when its answer was lost."""
    first = tenant.create("connection", externalId="mine")

    again = tenant.create("connection", externalId="mine")
    renamed = tenant.create("renamed", externalId="mine")

    assert first == again == renamed
    assert tenant.names() == ["renamed"]
    assert tenant.get(first).json()["externalId"] == "mine"


def test_a_post_with_an_object_id_replaces_that_object(tenant: Tenant) -> None:
    """One that does not exist is 404."""
    object_id = tenant.create("connection")

    assert tenant.create("renamed", objectId=object_id) == object_id
    answer = tenant.call("POST", objects(), json=[creation("other", objectId="none")])
    assert (answer.status_code, answer.json()[0]["code"]) == (404, 404)


def test_somebody_elses_external_id_does_not_open_their_object(tenant: Tenant) -> None:
    """An upsert needs write permission on what it would replace."""
    tenant.create("connection", "platform-token", externalId="mine")

    answer = tenant.call("POST", objects(), json=[creation("other", externalId="mine")])

    assert answer.status_code == 403
    assert tenant.names("platform-token") == ["connection"]


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
    answer = tenant.call("POST", objects(), json=[creation("good"), creation("x")])

    (violation,) = answer.json()[1]["error"]["constraintViolations"]
    assert answer.json()[1]["error"]["message"] == "Validation failed for 1 Validators."
    assert violation["path"] == f"{SCHEMA}/1/name"
    assert answer.json()[1]["invalidValue"] == web_identity("x")


@pytest.mark.parametrize(
    ("item", "code", "path"),
    [
        ("x", 400, ""),
        ({"schemaId": SCHEMA, "scope": "environment"}, 400, "value"),
        ({"value": web_identity(), "scope": "environment"}, 400, "schemaId"),
        (creation() | {"externalId": 7}, 400, "externalId"),
        (creation() | {"externalId": "x" * 501}, 400, "externalId"),
        (creation() | {"schemaId": "builtin:none"}, 404, None),
        (creation() | {"scope": "HOST-1"}, 404, None),
    ],
)
def test_an_element_that_is_none_is_refused(tenant: Tenant, item: Any, code: int, path: str | None) -> None:
    """Missing or wrong parts are 400 with their path; a schema or scope that does not exist is 404."""
    answer = tenant.call("POST", objects(), json=[item])

    assert (answer.status_code, answer.json()[0]["code"]) == (code, code)
    assert path is None or path in violations(answer)


def test_the_tenant_holds_3000_connections(tenant: Tenant) -> None:
    """The 3001st is refused, a change of one of them is not."""
    bodies = [creation(f"connection {number}") for number in range(3000)]
    for start in range(0, 3000, 500):
        assert tenant.call("POST", objects(), json=bodies[start : start + 500]).status_code == 200

    answer = tenant.call("POST", objects(), json=[creation("one more")])

    assert "maximum of 3000 objects" in answer.json()[0]["error"]["message"]
    first = next(iter(tenant.sandbox.environment.store)).id
    assert tenant.put(first, web_identity("renamed")).status_code == 200


def test_a_role_is_tried_only_when_it_is_set(tenant: Tenant) -> None:
    """A rename of a connection whose role trusts it no longer is no matter."""
    object_id = tenant.create("connection")
    tenant.iam.add(trusting(object_id))
    assert tenant.put(object_id, web_identity("connection", ROLE)).status_code == 200
    tenant.iam.reset()

    assert tenant.put(object_id, web_identity("renamed", ROLE)).status_code == 200
    assert len(tenant.sandbox.assumption.attempts) == 1


async def test_an_object_that_changes_while_its_role_is_tried_conflicts() -> None:
    """AWS takes its time; whoever wrote first wins."""
    trying, tried = asyncio.Event(), asyncio.Event()

    async def slow_check(_object_id: str, _value: Any) -> Violation | None:
        trying.set()
        await tried.wait()
        return None

    environment = Environment(load_schemas(), slow_check, lambda: 0.0)
    caller = Tenant.caller("api-token")
    made = await environment.create(caller, creation("connection"), 0, validate_only=False)
    setting = asyncio.create_task(
        environment.update(caller, made["objectId"], web_identity("connection", ROLE), None, validate_only=False)
    )
    await trying.wait()
    renamed = await environment.update(caller, made["objectId"], web_identity("new"), None, validate_only=False)
    tried.set()
    with pytest.raises(Problem) as refused:
        await setting

    assert renamed["code"] == 200
    assert refused.value.code == 409


def test_names_with_odd_characters_come_through_intact(tenant: Tenant) -> None:
    """Control characters, right-to-left marks, quotes and HCL syntax are only text."""
    name = "a\n\t\u0000\u202e\"'${x}%{if}\\ ✓"

    assert tenant.get(tenant.create(name)).json()["value"]["name"] == name
    assert tenant.names() == [name]


def test_the_store_keeps_order_through_changes() -> None:
    """An object that changes stays where it is in the list."""
    assert list(ObjectStore(load_schemas())) == []
    tenant = Tenant()
    first = tenant.create("first")
    tenant.create("second")

    tenant.put(first, web_identity("renamed"))

    assert tenant.names() == ["renamed", "second"]
