"""What data sources show of owners, for every form of owner."""

from __future__ import annotations

import pytest

from terraform_provider_dynatrace.connections.access import ACCESS, access_in_words, describe_access, has_owner
from terraform_provider_dynatrace.settings.model import Owner, SettingsObject


def owned(owner: Owner | None, operations: frozenset[str] | None = None) -> SettingsObject:
    return SettingsObject("A", {}, owner=owner, operations=operations)


@pytest.mark.parametrize(
    ("owner", "shown", "public"),
    [
        (None, None, True),
        (Owner("user", "U"), {"type": "user", "id": "U"}, False),
        (Owner("group", "G"), {"type": "group", "id": "G"}, False),
        (Owner("all-users"), {"type": "all-users", "id": None}, True),
        (Owner(), {"type": None, "id": None}, False),
    ],
)
def test_an_owner_is_shown_or_null(owner: Owner | None, shown: object, public: bool) -> None:  # noqa: FBT001
    """An owner in an unknown form is not taken for none."""
    found = describe_access(owned(owner, frozenset({"write", "read"})))

    assert found == {"owner": shown, "public": public, "allowed_operations": ["read", "write"]}
    assert found.keys() == ACCESS.keys()


def test_operations_that_dynatrace_does_not_name_are_null() -> None:
    """That is not the same as no operation."""
    assert describe_access(owned(None))["allowed_operations"] is None
    assert describe_access(owned(None, frozenset()))["allowed_operations"] == []


@pytest.mark.parametrize(
    ("owner", "operations", "words"),
    [
        (None, None, "none; everyone with settings permissions can read and change the connection"),
        (Owner("user", "U"), ["read", "write", "delete"], "user U; this credential may change the connection"),
        (Owner("group", "G"), ["read"], "group G; this credential may not change the connection"),
        (Owner("user", "U"), None, "user U; whether this credential may change the connection is not known"),
    ],
)
def test_access_is_told_in_words(owner: Owner | None, operations: list[str] | None, words: str) -> None:
    """For `doctor`."""
    assert access_in_words(owned(owner, None if operations is None else frozenset(operations))) == words


@pytest.mark.parametrize(
    ("owner", "wanted", "matches"),
    [
        (None, None, True),
        (None, "none", True),
        (None, "U", False),
        (Owner("user", "U"), None, True),
        (Owner("user", "U"), "U", True),
        (Owner("user", "U"), "none", False),
        (Owner("group", "G"), "U", False),
        (Owner("all-users"), "none", False),
    ],
)
def test_the_filter_compares_owners(owner: Owner | None, wanted: str | None, matches: bool) -> None:  # noqa: FBT001
    """`none` stands for objects without an owner."""
    assert has_owner(owned(owner), {"owner": wanted}) == matches
