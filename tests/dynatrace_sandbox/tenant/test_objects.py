"""The store of settings objects and its indexes."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.tenant.objects import ObjectStore, SettingsObject
from dynatrace_sandbox.tenant.validation import load_schemas
from tests.dynatrace_sandbox.in_process import SCHEMA, web_identity

SCHEMAS = load_schemas()
PLACE = (SCHEMA, "environment")


def settings_object(object_id: str, name: str, external_id: str | None = None, revision: int = 1) -> SettingsObject:
    return SettingsObject(
        *(object_id, SCHEMA, "0.0.26", "environment", web_identity(name), "author"),
        *(0, 0, 1, "author", "author", external_id),
        revision=revision,
    )


def test_an_object_is_found_by_id_name_and_external_id() -> None:
    """Until it is removed."""
    store = ObjectStore(SCHEMAS)
    one = settings_object("A", "one", "mine")
    store.put(one)

    assert store.get("A") is store.by_external_id(*PLACE, "mine") is one
    assert (store.holder(*PLACE, "name", "one"), store.count(*PLACE)) == ("A", 1)
    store.remove("A")
    assert store.get("A") is store.by_external_id(*PLACE, "mine") is None
    assert (store.holder(*PLACE, "name", "one"), store.count(*PLACE)) == (None, 0)


def test_the_update_token_belongs_to_object_and_revision() -> None:
    """Another object or another revision has another one."""
    tokens = [
        settings_object("A", "x"),
        settings_object("A", "x", revision=2),
        settings_object("B", "x"),
    ]

    assert len({one.update_token for one in tokens}) == 3
    assert tokens[0].update_token == settings_object("A", "renamed").update_token


@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.sampled_from(["one", "two", "six"]), st.booleans()), max_size=30))
def test_the_indexes_say_what_a_search_would_find(steps: list[tuple[str, str, bool]]) -> None:
    """After any order of creating, renaming and removing."""
    store = ObjectStore(SCHEMAS)
    for object_id, name, keep in steps:
        found = store.get(object_id)
        if keep and store.holder(*PLACE, "name", name) in (None, object_id):
            store.put(replace(found, value=web_identity(name)) if found else settings_object(object_id, name))
        elif found:
            store.remove(object_id)

    names = {one.value["name"]: one.id for one in store}
    assert {name: store.holder(*PLACE, "name", name) for name in ("one", "two", "six")} == {
        name: names.get(name) for name in ("one", "two", "six")
    }
    assert store.count(*PLACE) == len(names)
