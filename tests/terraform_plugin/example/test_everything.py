"""Every type, kind of attribute and way to nest, with the real Terraform."""

import json
from typing import Any

import pytest

from terraform_plugin.testing import TerraformFailed

from .conftest import ExampleTerraform
from .everything import SCHEMA

THIS = "example_everything.this"


def everything(arguments: str, name: str = "this") -> str:
    return f'resource "example_everything" "{name}" {{\n{arguments}\n}}\n'


TYPES = """
    text   = "a \\u202e $${x} äö \\n \\" %%{if}"
    number = 12345678901234567890123456789012345
    bool   = false
    list   = ["b", "a", ""]
    set    = [3, 1, 0.1]
    map    = { x = true, "a key" = false }
    object = { a = "x" }
    tuple  = ["x", 1e-9]
    any    = { a = [1, "x"], b = null }
    chosen = "mine"
    level  = "high"
    tags   = []
    secret = "hidden-in-the-plan"
"""


def test_values_of_every_type_are_kept(terraform: ExampleTerraform) -> None:
    """Exactly: long and small numbers, control characters, empty things; the next plan is empty."""
    terraform.apply(everything(TYPES))
    state = terraform.state()[THIS]
    assert state["text"] == 'a \u202e ${x} äö \n " %{if}'
    assert (state["bool"], state["list"], state["tags"]) == (False, ["b", "a", ""], [])
    assert (state["map"], state["object"]) == ({"x": True, "a key": False}, {"a": "x", "b": None})
    assert (state["chosen"], state["level"]) == ("mine", "high")
    assert state["any"]["value"] == {"a": [1, "x"], "b": None}
    raw = (terraform.folder / "terraform.tfstate").read_text()
    assert '"number": 12345678901234567890123456789012345' in raw
    assert sorted(state["set"]) == [0.1, 1, 3]
    assert state["tuple"] == ["x", 1e-9]


def test_nothing_configured_is_null_or_chosen_or_the_default(terraform: ExampleTerraform) -> None:
    """A group is there without being written; other blocks are not."""
    terraform.apply(everything(""))
    state = terraform.state()[THIS]
    assert (state["text"], state["list"], state["any"], state["as_list"], state["timeouts"]) == (None,) * 5
    assert (state["chosen"], state["level"], state["tags"]) == (f"chosen of {state['id']}", "low", ["none"])
    assert (state["in_single"], state["in_list"], state["in_set"], state["in_map"]) == (None, [], [], {})
    assert (state["in_group"]["key"], state["in_group"]["size"]) == (None, 0.5)
    assert state["as_default"]["url"] == "url of as_default"
    assert state["revision"] == "1"


def one(key: str, more: str = "") -> str:
    return f'key = "{key}"\n{more}'


def attributes(element: str, key: str = "k") -> str:
    """Nested attributes in each of their modes."""
    inside = "{\n" + element + "\n}"
    modes = {"single": inside, "list": f"[{inside}]", "set": f"[{inside}]", "map": f"{{ {key} = {inside} }}"}
    return "".join(f"as_{mode} = {value}\n" for mode, value in modes.items())


def blocks(element: str, inner: str) -> str:
    """Nested blocks in each of their modes, two levels deep."""
    label = {"map": ' "k"'}
    return "".join(
        f"in_{mode}{label.get(mode, '')} {{\n{element}\ninner{label.get(mode, '')} {{\n{inner}\n}}\n}}\n"
        for mode in ("single", "group", "list", "set", "map")
    )


def elements(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Every nested object of a state."""
    found = [state["as_single"], state["as_list"][0], state["as_set"][0], state["as_map"]["k"]]
    for outer in (state["in_single"], state["in_group"], state["in_list"][0], state["in_set"][0], state["in_map"]["k"]):
        inner = outer["inner"]
        found += [outer, inner[0] if isinstance(inner, list) else inner.get("k", inner)]
    return found


def test_nested_attributes_and_blocks_are_planned_inside(terraform: ExampleTerraform) -> None:
    """Defaults, computed and stable values in each mode, two levels deep; a change makes only some of them unknown."""
    terraform.apply(everything(attributes(one("a")) + blocks(one("a"), one("b"))))
    before = elements(terraform.state()[THIS])
    assert len(before) == 14
    assert {(item["size"], item["fixed"]) for item in before} == {(0.5, None)}
    assert {(item["key"], item["url"], item["note"]) for item in before} == {
        ("a", "url of a", "note of a"), ("b", "url of b", "note of b"),
    }  # fmt: skip

    config = everything(attributes(one("a", "size = 2")) + blocks(one("a"), one("b", 'note = "mine"')))
    plan = terraform.plan(config)
    assert plan.actions(THIS) == ["update"]
    unknown = plan.unknown(THIS)
    assert unknown["as_list"] == [{"url": True, "note": True}]
    assert unknown["in_list"] == [{"url": True, "note": True, "inner": [{"url": True}]}]

    terraform.apply(config)
    after = elements(terraform.state()[THIS])
    assert [item["birth"] for item in after] == [item["birth"] for item in before]
    assert terraform.state()[THIS]["revision"] == "2"


def test_elements_come_and_go(terraform: ExampleTerraform) -> None:
    """Added in front, removed, all gone, in each mode: the plan is right each time, and the next one empty."""
    for keys in (["b"], ["a", "b"], ["a"], []):
        terraform.apply(everything(several_attributes(keys) + several_blocks(keys)))
        state = terraform.state()[THIS]
        for name in ("as_list", "as_set", "as_map", "in_list", "in_set", "in_map"):
            found = state[name].values() if isinstance(state[name], dict) else state[name]
            assert sorted((item["key"], item["url"]) for item in found) == [(key, f"url of {key}") for key in keys]


def several_attributes(keys: list[str]) -> str:
    listed = "".join(f'{{ key = "{key}" }},' for key in keys)
    named = "".join(f'{key} = {{ key = "{key}" }}\n' for key in keys)
    return f"as_list = [{listed}]\nas_set = [{listed}]\nas_map = {{\n{named}}}\n"


def several_blocks(keys: list[str]) -> str:
    heads = [("in_list {\n", "in_set {\n", f'in_map "{key}" {{\n') for key in keys]
    return "".join(f'{head}key = "{key}"\n}}\n' for key, three in zip(keys, heads, strict=True) for head in three)


def test_what_cannot_change_in_place_replaces_at_any_depth(terraform: ExampleTerraform) -> None:
    """Terraform shows the path; in a set, that of the set. Anything else is an update."""
    base = attributes(one("a", 'fixed = "1"')) + blocks(one("a", 'fixed = "1"'), one("b", 'fixed = "1"'))
    terraform.apply(everything(base + 'kind = "x"'))

    def replaced(config: str) -> list[list[str | int]]:
        plan = terraform.plan(everything(config))
        assert plan.actions(THIS) == (["delete", "create"] if plan.replaced_by(THIS) else ["update"])
        return sorted(plan.replaced_by(THIS), key=str)

    assert replaced(base + 'kind = "x"\ntext = "new"') == []
    assert replaced(base + 'kind = "y"') == [["kind"]]
    assert replaced(base.replace('"1"', '"2"') + 'kind = "x"') == [
        ["as_list", 0, "fixed"], ["as_map", "k", "fixed"], ["as_set"], ["as_single", "fixed"],
        ["in_group", "fixed"], ["in_group", "inner", "fixed"], ["in_list", 0, "fixed"],
        ["in_list", 0, "inner", 0, "fixed"], ["in_map", "k", "fixed"], ["in_map", "k", "inner", "k", "fixed"],
        ["in_set"], ["in_single", "fixed"], ["in_single", "inner", "fixed"],
    ]  # fmt: skip
    terraform.apply(everything(base.replace('"1"', '"2"') + 'kind = "x"'))


UNKNOWN = """
    text    = "prefix-${example_everything.other.id}"
    number  = length(example_everything.other.id)
    list    = [example_everything.other.id, "b"]
    set     = [length(example_everything.other.id)]
    object  = { a = example_everything.other.id, b = [1] }
    any     = example_everything.other.id
    tuple   = [example_everything.other.id, 1]
    chosen  = example_everything.other.chosen
    level   = example_everything.other.chosen
    as_list = [{ key = example_everything.other.id }]
    as_set  = [{ key = example_everything.other.id }, { key = "b" }]
    as_map  = { k = { key = example_everything.other.id } }
    in_single { key = example_everything.other.id }
    mixed { any = example_everything.other.id }
    mixed { any = { a = true } }
"""


def dynamic(block: str, argument: str) -> str:
    """Blocks whose number is unknown."""
    number = "for number in range(length(example_everything.other.id)) : tostring(number) if number < 2"
    content = f"content {{ {argument} = {block}.value }}"
    return f'dynamic "{block}" {{\nfor_each = toset([{number}])\n{content}\n}}\n'


def test_what_is_unknown_while_planning_is_right_after_the_apply(terraform: ExampleTerraform) -> None:
    """Refined values, elements, whole dynamic blocks: in each type, in one apply."""
    terraform.apply(
        everything(UNKNOWN + dynamic("in_list", "key") + dynamic("in_set", "key")) + everything("", "other")
    )
    state, other = terraform.state()[THIS], terraform.state()["example_everything.other"]
    assert (state["text"], state["number"]) == (f"prefix-{other['id']}", len(other["id"]))
    assert [item["key"] for item in state["in_list"]] == ["0", "1"]
    assert sorted(item["key"] for item in state["in_set"]) == ["0", "1"]
    assert [item["any"] for item in state["mixed"]["value"]] == [other["id"], {"a": True}]


def test_an_update_with_something_unknown_keeps_the_rules(terraform: ExampleTerraform) -> None:
    """The other one is replaced in the same apply, so its id is unknown once more."""
    terraform.apply(everything(UNKNOWN + dynamic("mixed", "any")) + everything("", "other"))
    terraform.apply(everything(UNKNOWN + dynamic("mixed", "any")) + everything('kind = "new"', "other"))
    assert terraform.state()[THIS]["revision"] == "2"
    assert len(terraform.state()[THIS]["mixed"]["value"]) == 4


def test_types_of_dynamic_values_may_change(terraform: ExampleTerraform) -> None:
    """At the top, and in blocks that differ from each other."""
    for value in ('"text"', "[1, true]", "null"):
        terraform.apply(everything(f"any = {value}\nmixed {{ any = {value} }}\nmixed {{}}\nmixed {{ any = true }}"))
    assert terraform.state()[THIS]["mixed"]["value"] == [{"any": None}, {"any": None}, {"any": True}]


def test_a_write_only_value_reaches_the_resource_only(terraform: ExampleTerraform) -> None:
    """It is in no state and no plan, and a new value alone is not a change."""
    terraform.apply(everything('password = "write-only-hunter2"'))
    state = terraform.state()[THIS]
    assert (state["password"], state["password_length"]) == (None, 18)
    assert terraform.plan(everything('password = "another-hunter2"')).empty
    for file in ("terraform.tfstate", "plan", "terraform.log"):
        assert b"hunter2" not in (terraform.folder / file).read_bytes()


def test_a_sensitive_value_is_not_shown(terraform: ExampleTerraform) -> None:
    """It is in the state, as Terraform has it; neither on the screen nor in the log."""
    result = terraform.apply(everything('secret = "sensitive-hunter2"'))
    assert terraform.state()[THIS]["secret"] == "sensitive-hunter2"
    assert "hunter2" not in result.printed + terraform.log


def test_a_deprecated_argument_warns(terraform: ExampleTerraform) -> None:
    """Terraform leaves that to the provider."""
    [message] = terraform.validate(everything('old = "x"'))
    assert (message.severity, message.code) == ("warning", 'old = "x"')
    assert message.detail == "old is deprecated: Use text instead."


@pytest.mark.parametrize(
    ("arguments", "summary", "code"),
    [
        ('id = "mine"', "Value cannot be set", 'id = "mine"'),
        ('as_single = { url = "mine" }', "Value cannot be set", 'as_single = { url = "mine" }'),
        ('as_list = [{\nurl = "mine" }]', "Value cannot be set", 'as_list = [{\nurl = "mine" }]'),
        ('in_list {\ninner {\nurl = "mine"\n}\n}', "Value cannot be set", 'url = "mine"'),
        ('timeouts {\ncreate = "soon"\n}', "Invalid duration", 'create = "soon"'),
    ],
)
def test_a_mistake_is_shown_where_it_is(terraform: ExampleTerraform, arguments: str, summary: str, code: str) -> None:
    """Terraform shows the line of the path."""
    [message] = terraform.validate(everything(arguments))
    assert (message.severity, message.summary, message.code) == ("error", summary, code)


def test_the_resources_own_plan_may_refuse_and_warn_and_see_no_difference(terraform: ExampleTerraform) -> None:
    """Also for a destroy."""
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(everything('text = "refused"'))
    assert [error.summary for error in failed.value.errors] == ["Refused text"]
    terraform.apply(everything('text = "same"'))
    assert terraform.plan(everything('text = "SAME"')).empty
    assert [warning.summary for warning in terraform.destroy().warnings] == ["Destroyed"]


def test_drift_is_seen_and_undone(terraform: ExampleTerraform) -> None:
    """Changes made elsewhere are planned back, and deleted objects are planned again."""
    config = everything('text = "a"')
    terraform.apply(config)
    [id_] = terraform.store.ids()
    changed = terraform.store.read(id_, SCHEMA)
    assert changed is not None
    terraform.store.write(id_, SCHEMA, changed | {"text": "b"})
    plan = terraform.plan(config)
    assert (plan.actions(THIS), (plan.before(THIS) or {})["text"]) == (["update"], "b")
    terraform.apply(config)
    terraform.store.remove(id_)
    assert terraform.plan(config).actions(THIS) == ["create"]
    terraform.apply(config)


def test_ignored_changes_stay(terraform: ExampleTerraform) -> None:
    """Of optional, computed and nested values, and of blocks."""
    ignore = "lifecycle { ignore_changes = [text, chosen, as_list, in_list, level] }"
    nested = 'as_list = [{ key = "a" }]\nin_list { key = "a" }'
    first = everything(f'text = "a"\nchosen = "x"\nlevel = "high"\n{nested}\n{ignore}')
    terraform.apply(first)
    before = terraform.state()[THIS]
    terraform.apply(everything(f'text = "b"\nkind = null\nbool = true\n{ignore}'))
    after = terraform.state()[THIS]
    kept = ("text", "chosen", "level")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert [after[name][0]["key"] for name in ("as_list", "in_list")] == ["a", "a"]
    assert (after["bool"], after["revision"]) == (True, "2")


def test_timeouts_are_kept_and_may_be_removed(terraform: ExampleTerraform) -> None:
    """In part, as a whole."""
    for block, expected in (
        ('timeouts {\ncreate = "5m"\n}', {"create": "5m", "update": None}),
        ("timeouts {}", {"create": None, "update": None}),
        ("", None),
    ):
        terraform.apply(everything(block))
        assert terraform.state()[THIS]["timeouts"] == expected


def test_many_at_once(terraform: ExampleTerraform) -> None:
    """More than Terraform's usual ten."""
    config = 'resource "example_everything" "many" {\n  count = 60\n  text = "number ${count.index}"\n}'
    terraform.apply(config, "-parallelism=60")
    assert len(terraform.store.ids()) == 60
    terraform.destroy("-parallelism=60")


def test_a_value_of_several_megabytes_is_kept(terraform: ExampleTerraform) -> None:
    """gRPC's usual limit is four."""
    (terraform.folder / "large.txt").write_text("0123456789abcdef" * 400_000)
    terraform.apply(everything(f"text = file({json.dumps(str(terraform.folder / 'large.txt'))})"))
    assert len(terraform.state()[THIS]["text"]) == 6_400_000
