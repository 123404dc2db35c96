"""Terraform's numbers are exact; Python's `int` and `Decimal` keep them so.

Source: cty's number type, an arbitrary-precision number that travels as an integer, a float or a decimal string.
"""

from __future__ import annotations

import re
from decimal import Decimal

_MOST_DIGITS = 4000  # Terraform's numbers have 512 bits, about 155 digits; more digits would fill the memory
_TOO_BIG = 10**_MOST_DIGITS
_LONGEST_TEXT = 3 * _MOST_DIGITS
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?\Z")  # Python's own takes more


def number(value: object) -> int | Decimal:
    """Return `value` (an int, float, Decimal or decimal string) exactly, as an `int` where it is whole.

    A float stands for the shortest decimal that rounds to it, as it does in Terraform. Raises `ValueError` for
    anything that is not a finite number, or that has more than 4000 digits before or after the point.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise ValueError(f"{type(value).__name__} is not a number")  # noqa: TRY004  # callers translate one error
    if isinstance(value, int):
        if not -_TOO_BIG < value < _TOO_BIG:
            raise ValueError("a number with too many digits")
        return value
    return _whole(_decimal(value))


def _decimal(value: float | Decimal | str) -> Decimal:
    if isinstance(value, str) and (len(value) > _LONGEST_TEXT or not _DECIMAL.match(value)):
        raise ValueError("a text that is not a number")
    decimal = Decimal(repr(value) if isinstance(value, float) else value)
    if not decimal.is_finite():
        raise ValueError("not a finite number")
    _, digits, exponent = decimal.as_tuple()
    if len(digits) > _MOST_DIGITS or decimal.adjusted() >= _MOST_DIGITS or int(exponent) < -_MOST_DIGITS:
        raise ValueError("a number with too many digits")
    return decimal


def _whole(decimal: Decimal) -> int | Decimal:
    return int(decimal) if decimal == decimal.to_integral_value() else decimal


def number_text(value: int | Decimal) -> str:
    """Return the number in plain decimal notation, without an exponent."""
    return str(value) if isinstance(value, int) else format(value, "f")
