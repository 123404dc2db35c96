"""The credentials of a fresh sandbox."""

from dynatrace_sandbox.tenant.credentials import PLATFORM, new_credentials


def test_every_sandbox_has_secrets_of_its_own() -> None:
    """Nothing is worth anything elsewhere; users and groups are the same."""
    first, second = new_credentials(), new_credentials()

    assert first.keys() == second.keys()
    assert not {one.secret for one in first.values()} & {one.secret for one in second.values()}
    assert [one.user for one in first.values()] == [one.user for one in second.values()]


def test_only_users_own_objects() -> None:
    """API tokens have no user; platform credentials have one, and only platform scopes."""
    for credential in new_credentials().values():
        if credential.kind == "api-token":
            assert credential.user is None
            assert not credential.scopes & PLATFORM
        else:
            assert credential.user is not None
            assert credential.scopes <= PLATFORM


def test_the_first_platform_credentials_belong_to_one_user() -> None:
    """An OAuth client and a platform token of the same owner see the same objects."""
    known = new_credentials()

    assert known["oauth"].user == known["platform-token"].user
    assert known["oauth"].user != known["colleague-oauth"].user
