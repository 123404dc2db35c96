"""Durations as Terraform's users write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.cty.types import UNKNOWN, Value
from terraform_plugin.diagnostics import Path
from terraform_plugin.timeout import is_duration, seconds, timeout_of, timeouts
from tests.terraform_plugin import profiles  # noqa: F401  # whoever draws, draws that much


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("2m", 120), ("1h30m", 5400), ("1.5h", 5400), (".5s", 0.5), ("5.s", 5), ("100ms", 0.1), ("1us", 1e-6),
        ("1\u00b5s", 1e-6), ("1\u03bcs", 1e-6), ("1ns", 1e-9), ("1m1m", 120), ("0s", 0), ("1h0m0.5s", 3600.5),
    ],
)  # fmt: skip
def test_a_duration_is_read_as_go_reads_it(duration: str, expected: float) -> None:
    """Numbers with units, added up."""
    assert math.isclose(seconds(duration), expected)


@pytest.mark.parametrize(
    "duration",
    [
        "",
        "5",
        "m",
        "1d",
        "-1s",
        "+1s",
        " 1s",
        "1s ",
        "1 s",
        "1s\n",
        "1e3s",
        "\u0661s",
        "1,5s",
        "s1",
        ".s",
        "9999999999h",
        "9" * 999 + "s",
    ],
)
def test_anything_else_is_refused(duration: str) -> None:
    """No sign, no days, no other digits, nothing above Go's 292 years."""
    with pytest.raises(ValueError, match=r"is not a duration|292 years"):
        seconds(duration)
    assert [error.summary for error in is_duration(duration, Path("timeouts", "create"))] == ["Invalid duration"]


def test_a_timeout_is_above_zero() -> None:
    """Nothing can be done in no time."""
    assert len(list(is_duration("0s", Path()))) == 1
    assert list(is_duration("1ns", Path())) == []


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (None, 120),
        (UNKNOWN, 120),
        ({"create": None}, 120),
        ({"create": UNKNOWN}, 120),
        ({"delete": "1s"}, 120),
        ({"create": "1s"}, 1),
    ],
)
def test_the_default_holds_unless_configured(block: Value, expected: float) -> None:
    """No block, no value, or one that is not known yet."""
    assert timeout_of({"timeouts": block}, "create", "2m") == expected
    assert timeout_of({}, "create", "2m") == 120


def test_the_block_is_the_one_users_know() -> None:
    """A single block with an optional string for each operation; its description has the default."""
    block = timeouts(create="2m", delete="30s")
    assert (block.nesting, block.min_items, block.max_items) == ("single", 0, 0)
    assert block.element_type.json() == ["object", {"create": "string", "delete": "string"}]
    assert all(attribute.optional and not attribute.computed for attribute in block.attributes.values())
    assert '"2m"' in block.attributes["create"].description


def test_a_default_that_is_no_duration_is_the_authors_mistake() -> None:
    """It is reported where it is declared."""
    with pytest.raises(ValueError, match="two minutes"):
        timeouts(create="two minutes")


@given(st.text() | st.from_regex(r"([0-9.]{1,4}(ns|us|ms|s|m|h)?){1,6}", fullmatch=True))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    """Finite, not negative; nothing but `ValueError` otherwise."""
    try:
        duration = seconds(text)
    except ValueError:
        return
    assert 0 <= duration < 2**63
