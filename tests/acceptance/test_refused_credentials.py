"""Every credential that Dynatrace refuses, with real Terraform: one plan with a provider block for each."""

import json

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Message, Terraform, TerraformFailed

API_TOKEN = "The API token from the argument dt_api_token"
PLATFORM_TOKEN = "The platform token from the argument platform_token"
CLIENT = "The client ID or secret from the argument client_id"
SCOPES = "settings:objects:read and settings:objects:write"
MADE_AT = {
    "api-token": "https://abc12345.apps.dynatrace.com/ui/access-tokens",
    "oauth": "Account Management > Identity & access management > OAuth clients",
    "platform-token": "https://myaccount.dynatrace.com/platformTokens",
}
# What the provider block is given -> the credential, the scope and the reason that the message names.
REFUSED = {
    "expired-api-token": [API_TOKEN, "expired or disabled", "settings.read and settings.write"],
    "disabled-api-token": [API_TOKEN, "expired or disabled", "settings.read and settings.write"],
    "other-environment-api-token": [API_TOKEN, "another environment than", "settings.read and settings.write"],
    "expired-platform-token": [PLATFORM_TOKEN, "expired or disabled", SCOPES],
    "disabled-platform-token": [PLATFORM_TOKEN, "expired or disabled", SCOPES],
    "other-environment-platform-token": [PLATFORM_TOKEN, "another environment than", "settings:objects:write"],
    "expired-oauth": [CLIENT, "the client was deleted", SCOPES],
    "disabled-oauth": [CLIENT, "the client was deleted", SCOPES],
    "other-environment-oauth": ["The OAuth client from", "another environment than", "settings:objects:write"],
    "read-only-api-token": [API_TOKEN, "needs the scope settings.write"],
    "read-only-platform-token": [PLATFORM_TOKEN, "needs the scope settings:objects:write"],
    "read-only-oauth": ["The OAuth client from", "needs the scope settings:objects:write"],
}
UNREADABLE = {
    "powerless-api-token": [API_TOKEN, "needs the scope settings.read,"],
    "powerless-platform-token": [PLATFORM_TOKEN, "needs the scope settings:objects:read,"],
}
# The argument that a credential of another kind stands in -> what the message says of it.
MISPLACED = {
    ("dt_api_token", "platform-token"): ["a platform token (dt0s16.…)", "set platform_token"],
    ("dt_api_token", "oauth"): ["part of an OAuth client (dt0s02.…)", "set client_id and client_secret"],
    ("platform_token", "api-token"): ["an API token (dt0c01.…)", "set dt_api_token"],
    ("platform_token", "oauth"): ["part of an OAuth client (dt0s02.…)", "set client_id and client_secret"],
    ("client_secret", "platform-token"): ["a platform token (dt0s16.…)", "set platform_token"],
    ("client_secret", "api-token"): ["an API token (dt0c01.…)", "set dt_api_token"],
}
SECRETS = 'variable "secrets" {\n  type      = map(string)\n  sensitive = true\n}\n'
CONSUMERS = 'web_identity {\n    consumers = ["APP:dynatrace.aws.connector"]\n  }'


def provider(alias: str, sandbox: RunningSandbox, name: str) -> str:
    """Return a provider block with this credential in its own argument."""
    found = sandbox.credentials[name]
    argument = {"api-token": "dt_api_token", "platform-token": "platform_token", "oauth": "client_secret"}[
        found["kind"]
    ]
    return block(alias, argument, name, found.get("clientId", ""))


def block(alias: str, argument: str, name: str, client_id: str = "") -> str:
    """Return a provider block with the secret of a credential as an argument."""
    lines = [f'alias = "{alias}"', f'{argument} = var.secrets["{name}"]']
    lines += [f'client_id = "{client_id}"'] if client_id else []
    return 'provider "dynatrace" {\n  ' + "\n  ".join(lines) + "\n}\n"


def connection(alias: str) -> str:
    """Return a connection of a provider block."""
    return (
        f'resource "dynatrace_aws_connection" "{alias}" {{\n  provider = dynatrace.{alias}\n'
        f'  name     = "{alias}"\n  {CONSUMERS}\n}}\n'
    )


def listing(alias: str) -> str:
    """Return a data source that reads with a provider block."""
    return f'data "dynatrace_aws_connections" "{alias}" {{\n  provider = dynatrace.{alias}\n}}\n'


def alias_of(*parts: str) -> str:
    return "_".join(parts).replace("-", "_")


def refusals(terraform: Terraform, sandbox: RunningSandbox, config: str) -> list[Message]:
    """Return the errors of a plan, after checking that its output and log contain no secret."""
    secrets = {name: one["secret"] for name, one in sandbox.credentials.items()}
    places = sandbox.environ("none") | {"DYNATRACE_AUTOMATION_TOKEN_URL": f"{sandbox.url}/sso/oauth2/token"}
    terraform.environ = places | {"TF_VAR_secrets": json.dumps(secrets)}
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(SECRETS + config)
    shown = failed.value.output + terraform.log
    assert [name for name, secret in secrets.items() if secret.rpartition(".")[2] in shown] == []
    return failed.value.errors


def test_a_refused_credential_is_reported_at_plan_with_its_scope_and_its_page(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """Expired, disabled, of another environment, or without a scope: the error lists the possible causes."""
    config = "".join(provider(alias_of(name), sandbox, name) + connection(alias_of(name)) for name in REFUSED)
    config += "".join(provider(alias_of(name), sandbox, name) + listing(alias_of(name)) for name in UNREADABLE)

    errors = {error.address.rpartition(".")[2]: error.detail for error in refusals(terraform, sandbox, config)}

    expected = {
        name: [*says, MADE_AT[sandbox.credentials[name]["kind"]]] for name, says in (REFUSED | UNREADABLE).items()
    }
    missing = {name: [text for text in says if text not in errors[alias_of(name)]] for name, says in expected.items()}
    assert missing == {name: [] for name in expected}
    assert len(errors) == len(expected)
    assert sandbox.objects() == []


def test_a_credential_in_the_wrong_argument_is_refused_without_a_request(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """At the line of its argument; the error names the right one."""
    client_id = sandbox.credentials["oauth"]["clientId"]
    config = "".join(
        block(alias_of(argument, name), argument, name, client_id if argument == "client_secret" else "")
        + connection(alias_of(argument, name))
        for argument, name in MISPLACED
    )

    errors = refusals(terraform, sandbox, config)

    found = {error.code: error.detail for error in errors}
    missing = {
        place: [text for text in says if text not in found[f'{place[0]} = var.secrets["{place[1]}"]']]
        for place, says in MISPLACED.items()
    }
    assert missing == {place: [] for place in MISPLACED}
    assert sandbox.requests() == []
