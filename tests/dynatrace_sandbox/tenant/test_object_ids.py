"""Ids of settings objects look like Dynatrace's."""

import re

from dynatrace_sandbox.tenant.object_ids import new_object_id
from tests.dynatrace_sandbox.in_process import SCHEMA


def test_an_id_looks_like_one_of_dynatraces() -> None:
    """Long, URL-safe Base64 without padding, with the beginning that all of them have."""
    assert re.fullmatch(r"vu9U3hXa3q0AAAAB[\w-]{100,}", new_object_id(SCHEMA))


def test_every_id_is_another() -> None:
    """Ids never repeat."""
    assert len({new_object_id(SCHEMA) for _ in range(100)}) == 100
