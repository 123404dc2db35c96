"""The store of settings objects and its indexes."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.tenant.objects import Identity, ObjectStore, SettingsObject
from dynatrace_sandbox.tenant.releases import load_schemas
from tests.dynatrace_sandbox.in_process import SCHEMA, web_identity

SCHEMAS = load_schemas()
SCOPE = "environment"


def settings_object(
    object_id: str, name: str, external_id: str | None = None, revision: int = 1, owner: Identity | None = None
) -> SettingsObject:
    return SettingsObject(
        *(object_id, SCHEMA, "0.0.26", SCOPE, web_identity(name), "author"),
        *(0, 0, 1, "author", "author", external_id),
        revision=revision,
        owner=owner,
    )


def test_an_object_is_found_by_id_name_and_external_id() -> None:
    """Until it is removed."""
    store = ObjectStore(SCHEMAS)
    one, other = settings_object("A", "one", "mine"), settings_object("B", "one")
    store.put(one)

    assert store.get("A") is store.by_external_id(SCOPE, "mine") is one
    assert store.count(SCHEMA, SCOPE) == 1
    assert store.conflict(other) == (("name",), "There is another connection defined under this name.")
    store.remove("A")
    assert store.get("A") is store.by_external_id(SCOPE, "mine") is None
    assert (store.conflict(other), store.count(SCHEMA, SCOPE)) == (None, 0)


def test_an_external_id_belongs_to_its_scope() -> None:
    """B12: it is unique there, whatever the schema. Source: docs/design/0008-sources.md#settings-concepts."""
    schemas = SCHEMAS | {"other": {**SCHEMAS[SCHEMA], "schemaId": "other"}}
    store = ObjectStore(schemas)
    store.put(replace(settings_object("A", "one", "mine"), schema_id="other"))

    found = store.by_external_id(SCOPE, "mine")

    assert found is not None
    assert found.schema_id == "other"
    assert store.by_external_id("HOST-1", "mine") is None


def test_the_update_token_belongs_to_object_and_revision() -> None:
    """Another object or another revision has another one."""
    tokens = [
        settings_object("A", "x"),
        settings_object("A", "x", revision=2),
        settings_object("B", "x"),
    ]

    assert len({one.update_token for one in tokens}) == 3
    assert tokens[0].update_token == settings_object("A", "renamed").update_token


def test_an_owner_is_shown_as_an_identity() -> None:
    """B14: with type and id; all users have no id. Source: docs/design/0008-sources.md#settings-get-objects."""
    owners: list[Identity | None] = [("user", "U"), ("group", "G"), ("all-users", ""), None]

    assert [settings_object("A", "x", owner=owner).as_json().get("owner") for owner in owners] == [
        {"type": "user", "id": "U"},
        {"type": "group", "id": "G"},
        {"type": "all-users"},
        None,
    ]


@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from(["one", "two", "six"]), st.booleans()), max_size=30))
def test_the_indexes_agree_with_a_search(steps: list[tuple[str, str, bool]]) -> None:
    """After any order of creating, renaming and removing."""
    store = ObjectStore(SCHEMAS)
    for object_id, name, keep in steps:
        found = store.get(object_id)
        if keep and store.conflict(settings_object(object_id, name)) is None:
            store.put(replace(found, value=web_identity(name)) if found else settings_object(object_id, name))
        elif found:
            store.remove(object_id)

    names = {one.value["name"] for one in store}
    assert len(names) == len(list(store)) == store.count(SCHEMA, SCOPE)
    for name in ("one", "two", "six"):
        assert (store.conflict(settings_object("new", name)) is not None) == (name in names)
