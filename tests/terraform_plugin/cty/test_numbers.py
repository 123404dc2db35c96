"""Numbers stay exact, or are refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.cty.numbers import number, number_text
from tests.terraform_plugin.strategies import numbers


@pytest.mark.parametrize(
    ("given_", "exact"),
    [
        ("5", 5),
        ("-0", 0),
        ("+7", 7),
        ("0.1", Decimal("0.1")),
        (".5", Decimal("0.5")),
        ("5.", 5),
        ("1e3", 1000),
        ("2.50", Decimal("2.5")),
        (0.1, Decimal("0.1")),
        (3.0, 3),
        (1e300, 10**300),
        (2**70, 2**70),
        (Decimal("1.00"), 1),
        (
            "123456789012345678901234567890.000000000000000000001",
            Decimal("123456789012345678901234567890.000000000000000000001"),
        ),
    ],
)
def test_a_number_is_kept_exactly(given_: object, exact: int | Decimal) -> None:
    """A whole number is an int, anything else a Decimal with every digit; a float is its shortest decimal."""
    assert (number(given_), type(number(given_))) == (exact, type(exact))


@pytest.mark.parametrize(
    "given_",
    [
        "", " 1", "1_000", "0x10", "\u0661", "1e", "e5", "1.2.3", "NaN", "Infinity", "--1", "1\n", float("nan"),
        float("inf"), Decimal("NaN"), Decimal("-Infinity"), True, None, [], b"1",
    ],
)  # fmt: skip
def test_anything_else_than_a_number_is_refused(given_: object) -> None:
    """Python's own spellings (underscores, other digits, spaces, NaN) are not Terraform's."""
    with pytest.raises(ValueError, match="number"):
        number(given_)


@pytest.mark.parametrize("given_", ["9" * 5_000, "1e4000", "1e999999999", "1e-9999", 10**4000, "1" * 10_000_000])
def test_a_number_that_would_fill_the_memory_is_refused(given_: object) -> None:
    """4000 digits are far more than Terraform holds; a few characters must not become gigabytes."""
    with pytest.raises(ValueError, match="number"):
        number(given_)


@given(numbers)
def test_the_text_of_a_number_reads_as_the_number(value: int | Decimal) -> None:
    """Plain decimal notation loses nothing and has no exponent."""
    text = number_text(number(value))
    assert number(text) == value
    assert "e" not in text.lower()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_reads_back_as_the_same_float(value: float) -> None:
    """The shortest decimal that rounds to a float is that float's decimal."""
    assert float(number(value)) == value


@given(st.text() | st.from_regex(r"[-+]?[0-9]{0,6}\.?[0-9]{0,6}([eE][-+]?[0-9]{0,12})?", fullmatch=True))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    """Nothing but `ValueError` comes out of a text."""
    try:
        assert number(number_text(number(text))) == number(text)
    except ValueError:
        assert not text.isdecimal() or len(text) > 4000 or not text.isascii()
