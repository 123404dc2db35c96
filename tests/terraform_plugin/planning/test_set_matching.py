"""Elements of a set are recognised by what is configured in them."""

from typing import Any

import pytest

from terraform_plugin.cty.types import UNKNOWN, String, Value
from terraform_plugin.planning.set_matching import matching_prior
from terraform_plugin.schema import Attribute, Block, Nested


def computed(**options: Any) -> Attribute:
    return Attribute(String, "", computed=True, **options)


NAME = Attribute(String, "", required=True)
ID = computed()
EITHER = computed(optional=True)
RULE = Block({"name": NAME, "port": EITHER, "id": ID}, nesting="set")


def rule(name: Value = None, port: Value = None, id_: Value = None) -> dict[str, Value]:
    return {"name": name, "port": port, "id": id_}


def matched(body: Block | Nested, config: list[Value], prior: list[Value]) -> list[int | None]:
    """The position in `prior` of what each configured element continues."""
    found = matching_prior(body, config, prior)
    return [next((at for at, item in enumerate(prior) if item is match), None) for match in found]


@pytest.mark.parametrize(
    ("config", "positions"),
    [
        ([rule("a"), rule("b")], [0, 1]),
        ([rule("b"), rule("a")], [1, 0]),
        ([rule("a", "2"), rule("b")], [None, 1]),
        ([rule("a", "1")], [0]),
        ([rule("c")], [None]),
        ([rule(UNKNOWN)], [None]),
        ([UNKNOWN, None, rule("a")], [None, None, 0]),
        ([], []),
    ],
)
def test_an_element_continues_one_that_agrees_in_what_is_configured(
    config: list[Value], positions: list[int | None]
) -> None:
    """Whatever was computed in it; what is unknown agrees with nothing."""
    assert matched(RULE, config, [rule("a", "1", "i"), rule("b", "2", "j")]) == positions


def test_an_element_is_continued_once_by_the_one_that_says_most() -> None:
    """Two that look alike do not share it, whatever their order."""
    prior: list[Value] = [rule("a", "1", "i"), rule("a", "2", "j")]
    assert matched(RULE, [rule("a"), rule("a", "1")], prior) == [1, 0]
    assert matched(RULE, [rule("a"), rule("a"), rule("a")], prior) == [0, 1, None]


@pytest.mark.parametrize("inner", ["single", "list", "map", "set"])
def test_what_is_nested_tells_elements_apart(inner: Any) -> None:
    """By what is configured in it, also in a set inside the set."""
    nested = Attribute(Nested(inner, {"key": NAME, "id": ID}), "", optional=True)
    body = Block({"n": nested}, nesting="set")

    def one(key: str, id_: Value = None) -> dict[str, Value]:
        part = {"key": key, "id": id_}
        return {"n": {"list": [part], "set": [part], "map": {"k": part}}.get(inner, part)}

    assert matched(body, [one("b"), one("a"), {"n": None}], [one("a", "1"), one("b", "2"), {"n": None}]) == [1, 0, 2]


def test_blocks_in_blocks_tell_elements_apart() -> None:
    """How many there are counts, too."""
    body = Block({"id": ID}, {"b": Block({"key": NAME, "id": ID})}, nesting="set")
    parts = [{"key": "a", "id": "1"}, {"key": "b", "id": "2"}]
    prior: list[Value] = [{"id": "x", "b": parts[:1]}, {"id": "y", "b": parts}]
    config: list[Value] = [
        {"id": None, "b": [{"key": part["key"], "id": None} for part in item["b"]]} for item in prior
    ]
    assert matched(body, config[::-1], prior) == [1, 0]


def test_nothing_is_matched_where_nothing_is_computed() -> None:
    """There is nothing to carry over."""
    body = Block({"name": NAME}, nesting="set")
    assert matching_prior(body, [{"name": "a"}], [{"name": "a"}]) == [None]


class Counted(dict[str, Value]):
    """A prior element that counts how often it is looked at."""

    looks = 0

    def get(self, name: str, default: Value = None) -> Value:
        Counted.looks += 1
        return super().get(name, default)


@pytest.mark.parametrize("size", [10, 1000])
def test_each_prior_element_is_looked_at_a_few_times_only(size: int) -> None:
    """A thousand rules must not cost a million comparisons."""
    prior: list[Value] = [Counted(rule(f"n{number}", "1", "i")) for number in range(size)]
    Counted.looks = 0
    found = matching_prior(RULE, [rule(f"n{number}") for number in reversed(range(size))], prior)
    assert found == prior[::-1]
    assert Counted.looks <= 2 * size


def test_a_configured_list_counts_even_if_its_elements_configure_nothing() -> None:
    """An element without the list matches any prior element, so the one with the list is matched first."""
    ports = Attribute(Nested("list", {"number": computed(optional=True)}), "", optional=True, computed=True)
    body = Block({"name": NAME, "ports": ports}, nesting="set")
    prior: list[Value] = [{"name": "a", "ports": [{"number": "1"}]}, {"name": "a", "ports": []}]
    config: list[Value] = [{"name": "a", "ports": None}, {"name": "a", "ports": [{"number": None}]}]
    assert matched(body, config, prior) == [1, 0]


@pytest.mark.parametrize("inner", ["single", "list", "map", "set"])
def test_a_default_counts_as_configured(inner: Any) -> None:
    """Elements that differ only in an attribute with a default are told apart, also if it is inside another set."""
    parts = {"size": computed(optional=True, default="1"), "id": ID}
    nested = Attribute(Nested(inner, parts), "", optional=True)

    def one(size: str | None, id_: Value = None) -> dict[str, Value]:
        part = {"size": size, "id": id_}
        return part | {"n": {"list": [part], "set": [part], "map": {"k": part}}.get(inner, part)}

    for body in (Block(parts, nesting="set"), Block({"n": nested}, nesting="set")):
        config, prior = (
            [{name: each[name] for name in body.members} for each in elements]
            for elements in (
                [one("2"), one(None), one("3")],
                [one("1", "i"), one("2", "j")],
            )
        )
        assert matched(body, config, prior) == [1, 0, None]


def test_sets_in_a_set_are_told_apart_by_what_is_configured_in_them() -> None:
    """If that is the same in all elements of one of them. It is matched before one in which less is configured."""
    nested = Attribute(Nested("set", {"port": EITHER, "id": ID}), "", optional=True)
    body = Block({"n": nested}, nesting="set")

    def one(*ports: str | None) -> dict[str, Value]:
        return {"n": [{"port": port, "id": None} for port in ports]}

    prior: list[Value] = [
        {"n": [{"port": "1", "id": "i"}]},
        {"n": [{"port": "2", "id": "j"}, {"port": "3", "id": "k"}]},
        {"n": [{"port": "4", "id": "l"}]},
    ]
    assert matched(body, [one(None), one("3", "2"), one("1"), one()], prior) == [2, 1, 0, None]
