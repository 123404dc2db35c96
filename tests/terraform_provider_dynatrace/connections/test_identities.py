"""UUIDs of users and groups in a configuration."""

from __future__ import annotations

import pytest

from terraform_plugin import Path
from terraform_provider_dynatrace.connections.identities import same_spelling, uuid_of

UUID = "01234567-89AB-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("value", "given"),
    [
        ("someone@example.com", 'got the e-mail address "someone@example.com".'),
        ("Platform team", 'got the name "Platform team".'),
        ("", 'got "".'),
        (UUID + "\n", f'got the name "{UUID}\n".'),
        ("dt0c01.PUBLICPART.SECRETPART", "got a credential (dt0c01.…)."),
        (" dt0s16.PUBLICPART.SECRETPART", "got a credential (dt0s16.…)."),
        ("x" * 300, 'got the name "' + "x" * 100 + '…".'),
    ],
)
def test_what_was_given_instead_of_a_uuid_is_named(value: str, given: str) -> None:
    """Except for a credential, which is a secret."""
    [error] = uuid_of("group")(value, Path("group"))

    assert (error.summary, str(error.path)) == ("Not the UUID of a group", "group")
    assert given in error.detail
    assert "SECRETPART" not in error.detail


def test_a_uuid_is_accepted_in_any_spelling() -> None:
    """Upper and lower case are the same UUID."""
    assert [*uuid_of("user")(UUID, Path("user"))] == []
    assert same_spelling(UUID) == same_spelling(UUID.lower()) == UUID.lower()
    assert same_spelling("Not a UUID") == "Not a UUID"
