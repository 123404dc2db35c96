"""The validators and their messages."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.cty.types import UNKNOWN, Value
from terraform_plugin.diagnostics import Path
from terraform_plugin.schema import Validator
from terraform_plugin.validators import at_most_one_of, each, exactly_one_of, items, length, matches, one_of
from tests.terraform_plugin import profiles  # noqa: F401  # whoever draws, draws that much


def messages(check: Validator, value: Any) -> list[str]:
    return [f"{error.path}: {error.detail}" for error in check(value, Path("a"))]


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (length(1, 3), "äöü"),
        (items(1, 2), ["x"]),
        (items(0, 0), {}),
        (matches("[^:]+", "not contain a colon"), "a\nb"),
        (one_of("a", "b"), "b"),
        (each(length(1, 1)), ["a", None, UNKNOWN]),
        (each(length(1, 1)), {"k": "a"}),
    ],
)
def test_a_valid_value_is_accepted(check: Validator, value: Any) -> None:
    """Limits are included; a pattern sees line breaks."""
    assert messages(check, value) == []


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (length(3, 100), "ab", 'a: a must have 3 to 100 characters, got 2: "ab".'),
        (length(0, 1), "x" * 200, f'a: a must have 0 to 1 characters, got 200: "{"x" * 100}…".'),
        (items(1, 1), [], "a: a must have 1 element, got 0."),
        (items(1, 2), ["x"] * 3, "a: a must have 1 to 2 elements, got 3."),
        (matches("[^:]+", "not contain a colon"), "a:b", 'a: a must not contain a colon, got "a:b".'),
        (matches("x", "be x"), "x\n", 'a: a must be x, got "x\n".'),
        (one_of("a", "b"), "c", 'a: a must be "a" or "b", got "c".'),
        (each(one_of("a")), ["a", "c"], 'a[1]: a[1] must be "a", got "c".'),
        (each(one_of("a")), {"k": "c"}, 'a["k"]: a["k"] must be "a", got "c".'),
    ],
)
def test_an_invalid_value_is_reported_with_what_is_allowed(check: Validator, value: Any, message: str) -> None:
    """With the path, what is allowed, and the value."""
    assert messages(check, value) == [message]


BOTH: Mapping[str, Value] = {"a": "x", "b": [{}]}


@pytest.mark.parametrize(
    ("value", "exactly", "at_most"),
    [
        ({}, False, True),
        ({"a": None, "b": []}, False, True),
        ({"a": "x", "b": []}, True, True),
        ({"a": False, "b": {}}, True, True),
        ({"a": "", "b": None}, True, True),
        ({"a": 0}, True, True),
        (BOTH, False, False),
        ({"a": UNKNOWN}, True, True),
        ({"a": UNKNOWN, "b": UNKNOWN}, True, True),
        ({"a": UNKNOWN, "b": "x"}, True, True),
        ({"a": UNKNOWN, "b": "x", "c": "x"}, False, False),
    ],
)
def test_combinations_count_what_is_certain(value: Mapping[str, Value], *, exactly: bool, at_most: bool) -> None:
    """`false`, `0` and `""` count as set, an empty list of blocks does not, and an unknown one may be either."""
    assert (messages(exactly_one_of("a", "b", "c"), value) == []) is exactly
    assert (messages(at_most_one_of("a", "b", "c"), value) == []) is at_most


def test_a_combination_reports_what_is_configured() -> None:
    """At the last of several, or at the whole block."""
    assert messages(exactly_one_of("a", "b"), BOTH) == ["a.b: Set exactly one of `a` and `b`; `a` and `b` are set."]
    assert messages(exactly_one_of("a", "b"), {}) == ["a: Set exactly one of `a` and `b`; neither is set."]
    assert messages(exactly_one_of("a", "b", "c"), {}) == [
        "a: Set exactly one of `a`, `b` and `c`; none of them is set."
    ]
    assert messages(at_most_one_of("a", "b"), BOTH) == ["a.b: Set at most one of `a` and `b`; `a` and `b` are set."]


@given(st.text())
def test_any_text_is_accepted_or_reported(value: str) -> None:
    """Whatever is in it: control characters, right-to-left marks, HCL, quotes."""
    for check in (length(2, 4), matches("[a-z]+", "be small letters"), one_of("x"), each(one_of("x"))):
        for message in messages(check, [value] if check.__qualname__.startswith("each") else value):
            assert value[:100] in message
