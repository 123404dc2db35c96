"""Web identity tokens: what is signed, and what AWS would not accept."""

from typing import Any

import pytest

from dynatrace_sandbox.aws.oidc import PRODUCTION, InvalidToken, Issuer, issuer_of, verify
from tests.dynatrace_sandbox.in_process import AUDIENCE, NOW

ISSUER = Issuer(PRODUCTION)
TOKEN = ISSUER.sign("dt:connection-id/A", AUDIENCE, int(NOW))


def check(token: str = TOKEN, signer: Issuer = ISSUER, after: int = 0, **discovery: Any) -> dict[str, str]:
    return verify(token, signer.discovery() | discovery, signer.key_set(), int(NOW) + after)


def test_a_token_has_issuer_subject_audience_and_expiry() -> None:
    """Issuer, subject, audience, and a lifetime of five minutes."""
    assert check() == {
        "iss": "https://token.dynatrace.com",
        "sub": "dt:connection-id/A",
        "aud": AUDIENCE,
        "iat": int(NOW),
        "exp": int(NOW) + 300,
    }


def test_an_old_token_is_not_accepted() -> None:
    """Past its expiry."""
    with pytest.raises(InvalidToken, match="expired"):
        check(after=301)


def test_a_token_of_another_key_is_not_accepted() -> None:
    """The signature is checked against the issuer's key set."""
    with pytest.raises(InvalidToken, match="not valid"):
        check(signer=Issuer(PRODUCTION))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", TOKEN[:-4] + "AAAA", TOKEN.rpartition(".")[0] + "."])
def test_a_damaged_token_is_not_accepted(token: str) -> None:
    """Whatever is wrong with it, it is only invalid."""
    with pytest.raises(InvalidToken):
        check(token)


def test_an_algorithm_the_issuer_does_not_name_is_not_accepted() -> None:
    """The discovery document says which there are."""
    with pytest.raises(InvalidToken):
        check(id_token_signing_alg_values_supported=["RS256"])


def test_a_token_of_another_issuer_is_not_accepted() -> None:
    """The issuer in the token is the one of the documents."""
    with pytest.raises(InvalidToken, match=r"the token is from https://token\.dynatrace\.com"):
        check(issuer="https://dev.token.dynatracelabs.com")


@pytest.mark.parametrize(
    ("tenant", "issuer"),
    [
        ("abc12345.apps.dynatrace.com", "https://token.dynatrace.com"),
        ("abc12345.dev.apps.dynatracelabs.com", "https://dev.token.dynatracelabs.com"),
        ("abc12345.sprint.apps.dynatracelabs.com", "https://sprint.token.dynatracelabs.com"),
        ("abc12345.dev.apps.example.com", "https://token.dynatrace.com"),
    ],
)
def test_the_issuer_belongs_to_the_stage_of_the_tenant(tenant: str, issuer: str) -> None:
    """Production, and the labs' dev and sprint."""
    assert issuer_of(tenant) == issuer
