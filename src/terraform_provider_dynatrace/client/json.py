"""JSON as Dynatrace sends it, before its form is known. A module of its own: a start of the provider needs it."""

from __future__ import annotations

from typing import Any

Json = Any
"""JSON in Python's types: whoever reads it converts it into a struct of a known form."""
