"""Terraform's numbers are exact; Python's `int` and `Decimal` keep them so.

Source: cty's number type, an arbitrary-precision number that travels as an integer, a float or a decimal string.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

_MOST_DIGITS = 4000  # far above what Terraform can hold (512 bits), far below what would fill the memory


def number(value: object) -> int | Decimal:
    """Return `value` (an int, float, Decimal or decimal string) exactly, as an `int` where it is whole.

    A float stands for the shortest decimal that rounds to it, as it does in Terraform. Raises `ValueError` for
    anything that is no number, not finite, or has more than 4000 digits.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise ValueError(f"{type(value).__name__} is not a number")  # noqa: TRY004  # callers translate one error
    if isinstance(value, int):
        if value.bit_length() > _MOST_DIGITS * 3:
            raise ValueError("a number with too many digits")
        return value
    return _whole(_decimal(value))


def _decimal(value: float | Decimal | str) -> Decimal:
    try:
        decimal = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise ValueError(f"{str(value)[:60]!r} is not a number") from None
    if not decimal.is_finite():
        raise ValueError(f"{value} is not a finite number")
    _, digits, exponent = decimal.as_tuple()
    if len(digits) > _MOST_DIGITS or abs(decimal.adjusted()) > _MOST_DIGITS or abs(int(exponent)) > _MOST_DIGITS:
        raise ValueError("a number with too many digits")
    return decimal


def _whole(decimal: Decimal) -> int | Decimal:
    return int(decimal) if decimal == decimal.to_integral_value() else decimal


def number_text(value: int | Decimal) -> str:
    """Return the number in plain decimal notation, without an exponent."""
    return str(value) if isinstance(value, int) else format(value, "f")
