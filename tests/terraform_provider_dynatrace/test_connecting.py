"""From arguments to a tenant."""

from importlib.metadata import version

from terraform_provider_dynatrace.arguments import gather
from terraform_provider_dynatrace.connecting import connect, options


def test_requests_say_which_release_sends_them() -> None:
    """Dynatrace's support can see it in the User-Agent."""
    assert options({}).user_agent == f"terraform-provider-dynatrace/{version('terraform-provider-dynatrace')}"


def test_two_configurations_share_nothing() -> None:
    """Provider blocks of one process (in debug mode): no connections, places, tokens, names or objects."""
    given = gather(
        {"dt_env_url": "https://abc12345.live.dynatrace.com", "client_id": "dt0s02.X", "client_secret": "dt0s02.X.Y"},
        {},
    )

    first, second = connect(given), connect(given)

    for one, other in (
        (first.client, second.client),
        (first.client._http, second.client._http),
        (first.client._limiter, second.client._limiter),
        (first.client.credential, second.client.credential),
        (first.connections, second.connections),
        (first.connections._reads, second.connections._reads),
        (first.permissions, second.permissions),
    ):
        assert one is not other


def test_permissions_share_the_connections_of_everything_else() -> None:
    """One client at work, whichever credential it uses."""
    given = {
        "dt_env_url": "https://abc12345.live.dynatrace.com",
        "dt_api_token": "dt0c01.PUBLICPART.SECRETPART",
        "platform_token": "dt0s16.PUBLICPART.SECRETPART",
    }

    tenant = connect(gather(given, {}))

    assert tenant.permissions is tenant.permissions
    assert tenant.permissions.client.credential is tenant.chosen.platform
    assert vars(tenant.permissions.client) == vars(tenant.client) | {"credential": tenant.chosen.platform}
