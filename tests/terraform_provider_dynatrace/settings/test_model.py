"""A settings object as the API writes it."""

from __future__ import annotations

import msgspec
import pytest

from terraform_provider_dynatrace.client.errors import UnexpectedResponse
from terraform_provider_dynatrace.settings.model import Owner, SettingsObject, settings_object

VALUE = {"name": "conn"}


def test_everything_that_is_known_is_kept() -> None:
    """Value, update token, owner and schema."""
    found = settings_object(
        {
            "objectId": "A",
            "value": VALUE,
            "updateToken": "T",
            "owner": {"type": "user", "id": "U"},
            "schemaId": "builtin:x",
            "schemaVersion": "0.0.26",
            "resourceContext": {"operations": ["read", "write"]},
        }
    )

    assert found == SettingsObject("A", VALUE, "T", Owner("user", "U"), "builtin:x", frozenset({"read", "write"}))


@pytest.mark.parametrize("context", [None, {}, [], "read", {"operations": None}, {"operations": [1]}])
def test_operations_in_an_unknown_form_are_not_known(context: object) -> None:
    """What the credential may do is then found out in another way, and the object can still be used."""
    found = settings_object({"objectId": "A", "value": VALUE, "resourceContext": context})

    assert found == SettingsObject("A", VALUE)


@pytest.mark.parametrize(
    ("owner", "text"),
    [
        (Owner("user", "U"), "user U"),
        (Owner("all-users"), "all users"),
        (Owner("", "U"), "owner U"),
        (Owner("group"), "group"),
        (Owner(), "an owner in an unknown form"),
    ],
)
def test_an_owner_is_shown_as_words(owner: Owner, text: str) -> None:
    """As messages name it."""
    assert str(owner) == text


def test_only_id_and_value_are_required() -> None:
    """Empty text is as good as nothing."""
    assert settings_object({"objectId": "A", "value": VALUE, "updateToken": "", "schemaId": None}) == SettingsObject(
        "A", VALUE
    )


@pytest.mark.parametrize("decoded", [True, False])
@pytest.mark.parametrize(
    ("written", "owner"),
    [
        ({"type": "user", "id": "U"}, Owner("user", "U")),
        ({"type": "group", "id": "G"}, Owner("group", "G")),
        ({"type": "all-users"}, Owner("all-users")),
        ({"id": "U"}, Owner("", "U")),
        ("U", Owner("user", "U")),
        (7, Owner()),
        (["U"], Owner()),
        ({"type": 7, "id": "U"}, Owner()),
        ({"kind": "user", "name": "U"}, Owner()),
        (None, None),
        ("", None),
        ({}, None),
        ([], None),
        ({"type": None, "id": None}, None),
        ({"type": "", "id": ""}, None),
    ],
)
def test_an_owner_is_known_unknown_or_absent(written: object, owner: Owner | None, decoded: bool) -> None:  # noqa: FBT001
    """As documented, as text, in a form that is not documented, and empty. Unknown never becomes "no owner"."""
    item = {"objectId": "A", "value": VALUE, "owner": written}

    found = settings_object(item if decoded else msgspec.Raw(msgspec.json.encode(item)))

    assert found.owner == owner


def test_without_an_id_in_the_response_the_requested_one_is_used() -> None:
    """GET by ID need not repeat it."""
    assert settings_object({"value": VALUE}, "A").object_id == "A"


@pytest.mark.parametrize(
    "item",
    [
        *(None, [], "A", {}, {"objectId": "A"}, {"value": VALUE}, {"objectId": 7, "value": {}}),
        *({"objectId": "A", "value": []}, {"objectId": "A", "value": VALUE, "updateToken": 7}),
        *(
            msgspec.Raw(b"{"),
            msgspec.Raw(b'{"objectId": "\xb9", "value": {}}'),
            msgspec.Raw(b'{"objectId": "A", "value": ' + b"[" * 100_000),
        ),
    ],
)
def test_an_item_in_another_form_is_unexpected(item: object) -> None:
    """Nothing is guessed, and the error says what is wrong with it."""
    with pytest.raises(UnexpectedResponse, match=r"cannot be read: \S"):
        settings_object(item)
