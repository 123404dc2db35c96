"""Which Authorization headers are valid, and which tokens the token endpoint issues."""

import pytest

from dynatrace_sandbox.tenant.credentials import OBJECTS_READ, Credential, new_credentials
from dynatrace_sandbox.tenant.problems import Problem
from dynatrace_sandbox.tenant.tokens import OAuthError, Tokens, require

CREDENTIALS = new_credentials()
API_TOKEN, CLIENT, PLATFORM_TOKEN = (CREDENTIALS[name] for name in ("api-token", "oauth", "platform-token"))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def tokens(clock: Clock | None = None) -> Tokens:
    return Tokens(CREDENTIALS.values(), clock or Clock(), lifetime=300)


def form(**changes: str) -> dict[str, str]:
    usual = {"grant_type": "client_credentials", "client_id": CLIENT.public, "client_secret": CLIENT.secret}
    return usual | changes


@pytest.mark.parametrize(
    ("credential", "prefix"), [(API_TOKEN, "dt0c01"), (CLIENT, "dt0s02"), (PLATFORM_TOKEN, "dt0s16")]
)
def test_credentials_look_like_dynatraces(credential: Credential, prefix: str) -> None:
    """A prefix for the kind, a public part, and a secret part, which its text form does not show."""
    kind, public, secret = credential.secret.split(".")

    assert (kind, len(secret)) == (prefix, 64)
    assert credential.public == f"{kind}.{public}"
    assert secret not in repr(credential)


def test_an_api_token_opens_the_classic_paths() -> None:
    """The scheme's case does not matter."""
    assert tokens().classic(f"Api-Token {API_TOKEN.secret}") == API_TOKEN
    assert tokens().classic(f"api-token {API_TOKEN.secret}") == API_TOKEN


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "Missing authorization parameter."),
        ("Api-Token dt0c01.WRONG.WRONG", "Token Authentication failed"),
        (f"Bearer {API_TOKEN.secret}", "Token Authentication failed"),
        (f"Bearer {PLATFORM_TOKEN.secret}", "Token Authentication failed"),
        (f"Api-Token {PLATFORM_TOKEN.secret}", "Token Authentication failed"),
    ],
    ids=["nothing", "wrong token", "wrong scheme", "platform token", "platform token as API token"],
)
def test_nothing_else_opens_the_classic_paths(header: str, message: str) -> None:
    """Platform credentials are refused there, whatever scheme they come with."""
    with pytest.raises(Problem, match=message) as refusal:
        tokens().classic(header)

    assert refusal.value.code == 401


def test_a_platform_token_opens_the_platform_paths() -> None:
    """It is sent as it is, as a bearer token."""
    assert tokens().platform(f"Bearer {PLATFORM_TOKEN.secret}") == PLATFORM_TOKEN


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "Unsupported authorization scheme 'undefined'"),
        (f"Api-Token {API_TOKEN.secret}", "Unsupported authorization scheme 'Api-Token'"),
        (f"Bearer {API_TOKEN.secret}", "invalid or has expired"),
        (f"Bearer {CLIENT.secret}", "invalid or has expired"),
        ("Bearer nonsense", "invalid or has expired"),
    ],
    ids=["nothing", "API token", "API token as bearer", "client secret", "wrong token"],
)
def test_nothing_else_opens_the_platform_paths(header: str, message: str) -> None:
    """API tokens are refused there, and so is the secret of an OAuth client."""
    with pytest.raises(Problem, match=message) as refusal:
        tokens().platform(header)

    assert refusal.value.code == 401


def test_a_client_gets_an_access_token_for_what_it_asks() -> None:
    """The response has its lifetime and its scopes."""
    known = tokens()

    answer = known.grant(form(scope=OBJECTS_READ, resource=f"urn:dtaccount:{CLIENT.account}"))

    assert (answer["token_type"], answer["expires_in"], answer["scope"]) == ("Bearer", 300, OBJECTS_READ)
    assert known.platform(f"Bearer {answer['access_token']}").scopes == {OBJECTS_READ}


def test_a_client_that_asks_for_no_scope_gets_all_of_its_own() -> None:
    """Without `scope` the token has every scope of the client."""
    assert tokens().grant(form())["scope"].split() == sorted(CLIENT.scopes)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": "dt0s02.NOBODY"}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": "wrong é"}, "invalid_client"),
        ({"client_id": PLATFORM_TOKEN.public, "client_secret": PLATFORM_TOKEN.secret}, "invalid_client"),
        ({"scope": "settings:objects:read account-idm-read"}, "invalid_scope"),
        ({"resource": "urn:dtaccount:other"}, "invalid_target"),
    ],
    ids=["grant", "client", "secret", "secret beyond ASCII", "platform token as client", "scope", "account"],
)
def test_the_token_endpoint_refuses(changes: dict[str, str], error: str) -> None:
    """Wrong grant, client, secret, scope or account: an error of RFC 6749."""
    with pytest.raises(OAuthError) as refusal:
        tokens().grant(form(**changes))

    assert refusal.value.error == error
    assert refusal.value.body()["message"] == "Bad Request"


@pytest.mark.parametrize("status", ["expired", "disabled", "other-environment"])
def test_an_invalid_api_token_is_refused_like_an_unknown_one(status: str) -> None:
    """Expired, disabled, or of another environment: the response does not say which."""
    with pytest.raises(Problem, match="Token Authentication failed") as refusal:
        tokens().classic(f"Api-Token {CREDENTIALS[f'{status}-api-token'].secret}")

    assert refusal.value.code == 401


@pytest.mark.parametrize(("status", "code"), [("expired", 401), ("disabled", 401), ("other-environment", 403)])
def test_an_invalid_platform_token_is_refused(status: str, code: int) -> None:
    """One of another environment authenticates a user who has no access to this one: 403."""
    with pytest.raises(Problem) as refusal:
        tokens().platform(f"Bearer {CREDENTIALS[f'{status}-platform-token'].secret}")

    assert refusal.value.code == code


@pytest.mark.parametrize("status", ["expired", "disabled"])
def test_an_invalid_client_gets_no_access_token(status: str) -> None:
    """As if it did not exist."""
    client = CREDENTIALS[f"{status}-oauth"]

    with pytest.raises(OAuthError) as refusal:
        tokens().grant(form(client_id=client.public, client_secret=client.secret))

    assert refusal.value.error == "invalid_client"


def test_an_access_token_of_another_environments_client_is_refused() -> None:
    """Single sign-on serves all environments."""
    known, client = tokens(), CREDENTIALS["other-environment-oauth"]
    given = known.grant(form(client_id=client.public, client_secret=client.secret))

    with pytest.raises(Problem) as refusal:
        known.platform(f"Bearer {given['access_token']}")

    assert refusal.value.code == 403


def test_an_access_token_expires() -> None:
    """After its lifetime, it is refused."""
    clock = Clock()
    known = tokens(clock)
    header = f"Bearer {known.grant(form())['access_token']}"

    clock.now += 299
    assert known.platform(header).kind == "oauth"
    clock.now += 1
    with pytest.raises(Problem, match="expired"):
        known.platform(header)


def test_access_tokens_can_be_revoked() -> None:
    """All at once. New ones can be issued."""
    known = tokens()
    header = f"Bearer {known.grant(form())['access_token']}"

    known.revoke()

    with pytest.raises(Problem):
        known.platform(header)
    assert known.platform(f"Bearer {known.grant(form())['access_token']}")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("powerless-api-token", "Token is missing required scope. Use one of: settings.read (Read settings)"),
        ("powerless-platform-token", "Insufficient permissions. Missing scopes: settings:objects:read"),
    ],
)
def test_a_missing_scope_is_named(name: str, message: str) -> None:
    """403 with the message for this kind of token."""
    with pytest.raises(Problem) as refusal:
        require(CREDENTIALS[name], "settings.read", OBJECTS_READ)

    assert (refusal.value.code, refusal.value.message) == (403, message)
