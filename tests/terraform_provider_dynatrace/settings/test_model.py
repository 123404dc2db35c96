"""A settings object as the API writes it."""

from __future__ import annotations

import pytest

from terraform_provider_dynatrace.client.errors import UnexpectedResponse
from terraform_provider_dynatrace.settings.model import SettingsObject, settings_object

VALUE = {"name": "conn"}


def test_everything_that_is_known_is_kept() -> None:
    """Update token, owner, external id, operations."""
    found = settings_object(
        {
            "objectId": "A",
            "value": VALUE,
            "updateToken": "T",
            "owner": {"type": "user", "id": "U"},
            "externalId": "E",
            "schemaId": "builtin:x",
            "schemaVersion": "0.0.26",
            "resourceContext": {"operations": ["read", "write"]},
        }
    )

    assert found == SettingsObject("A", VALUE, "T", "U", "E", "builtin:x", "0.0.26", frozenset({"read", "write"}))


def test_what_is_missing_or_odd_is_not_known() -> None:
    """Only id and value are needed; other shapes are left out rather than believed."""
    odd = {"objectId": "A", "value": VALUE, "owner": 7, "updateToken": "", "resourceContext": {"operations": "read"}}

    assert settings_object(odd) == SettingsObject("A", VALUE)


def test_an_owner_may_be_text() -> None:
    """As older versions of the API write it."""
    assert settings_object({"objectId": "A", "value": VALUE, "owner": "U"}).owner == "U"


def test_the_id_that_was_asked_for_stands_in() -> None:
    """GET by id need not repeat it."""
    assert settings_object({"value": VALUE}, "A").object_id == "A"


@pytest.mark.parametrize("item", [None, [], "A", {}, {"objectId": "A"}, {"value": VALUE}, {"objectId": 7, "value": {}}])
def test_what_is_no_object_is_unexpected(item: object) -> None:
    """Nothing is guessed."""
    with pytest.raises(UnexpectedResponse):
        settings_object(item)
