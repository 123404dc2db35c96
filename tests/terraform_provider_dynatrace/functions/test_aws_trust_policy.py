"""`aws_trust_policy`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from terraform_plugin import UNKNOWN, Unknown, Value

from .calling import TENANT_URLS, call, complaint

TENANT = "https://abc12345.live.dynatrace.com"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"


def connection(object_id: Value = "OBJECT", **blocks: Value) -> dict[str, Value]:
    return {"id": object_id, "web_identity": [], "role_based_auth": []} | blocks


def web_identity(object_id: Value = "OBJECT", consumers: Value = ("APP:dynatrace.aws.connector",)) -> dict[str, Value]:
    listed = list(consumers) if isinstance(consumers, tuple) else consumers
    return connection(object_id, web_identity=[{"consumers": listed}])


ROLE_BASED = connection(role_based_auth=[{"consumers": ["SVC:com.dynatrace.da"]}])


async def policy(*arguments: Any) -> Any:
    return json.loads((await call("aws_trust_policy", *arguments)).value)


@pytest.mark.parametrize("tenant_url", TENANT_URLS)
async def test_web_identity_gives_the_pages_policy(tenant_url: str) -> None:
    """The computed policy means the same as the one that the documentation writes by hand."""
    assert await policy(web_identity(), tenant_url, PROVIDER) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": PROVIDER},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        "token.dynatrace.com:sub": "dt:connection-id/OBJECT",
                        "token.dynatrace.com:aud": "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector",
                    }
                },
            }
        ],
    }


async def test_role_based_trusts_dynatraces_account_and_the_connections_id() -> None:
    """A role-based connection needs no OIDC provider: its policy names Dynatrace's account and the external ID."""
    assert (await policy(ROLE_BASED, TENANT, None))["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::314146291599:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "OBJECT"}},
        }
    ]


async def test_the_json_is_what_jsonencode_would_write() -> None:
    """The policy is compact JSON with sorted keys, so comparing texts finds no difference either."""
    text = (await call("aws_trust_policy", ROLE_BASED, TENANT, None)).value

    assert text == json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True)


@pytest.mark.parametrize(
    "arguments",
    [
        (UNKNOWN, TENANT, PROVIDER),
        (web_identity(UNKNOWN), TENANT, PROVIDER),
        (web_identity(), TENANT, UNKNOWN),
        (web_identity(consumers=UNKNOWN), TENANT, PROVIDER),
        (web_identity(consumers=[UNKNOWN]), TENANT, PROVIDER),
        (connection(web_identity=UNKNOWN), TENANT, PROVIDER),
        (connection(role_based_auth=UNKNOWN, web_identity=UNKNOWN), TENANT, PROVIDER),
        (connection(UNKNOWN, role_based_auth=[{"consumers": None}]), TENANT, None),
        (web_identity(), UNKNOWN, PROVIDER),
    ],
)
async def test_it_is_unknown_while_something_in_it_is(arguments: tuple[Value, ...]) -> None:
    """A plan for a new connection knows neither its id nor the ARN of a new OIDC provider."""
    assert isinstance((await call("aws_trust_policy", *arguments)).value, Unknown)


@pytest.mark.parametrize("object_id", ["OBJECT", UNKNOWN], ids=["exists", "planned"])
@pytest.mark.parametrize(
    ("blocks", "others", "about"),
    [
        (web_identity(consumers=("NONE",)), (TENANT, PROVIDER), "[0] NONE"),
        (connection(), (TENANT, PROVIDER), "[0] exactly one"),
        (web_identity(), ("abc12345", PROVIDER), "[1] must have a full host name"),
        (web_identity(), (TENANT, None), "[2] aws_iam_openid_connect_provider.NAME.arn"),
        (web_identity(), (TENANT, ""), "[2] aws_iam_openid_connect_provider.NAME.arn"),
        (web_identity(), (TENANT, "token.dynatrace.com"), "[2] oidc-provider/token.dynatrace.com"),
        (web_identity(), (TENANT, PROVIDER.replace("token.", "idp.")), "[2] https://token.dynatrace.com"),
        (connection(role_based_auth=[{"consumers": None}]), (TENANT, PROVIDER), "[2] Pass null"),
    ],
)
async def test_a_mistake_is_found_although_the_connection_is_only_planned(
    object_id: Value, blocks: dict[str, Value], others: tuple[Value, Value], about: str
) -> None:
    """What cannot become a policy that works is refused before anything is created, at its argument."""
    text, argument = complaint(await call("aws_trust_policy", blocks | {"id": object_id}, *others))

    assert about.startswith(argument)
    assert about.removeprefix(f"{argument} ") in text


async def test_of_a_stage_the_issuer_is_what_the_oidc_provider_says() -> None:
    """Sources disagree about the issuer of sprint; the account of Dynatrace's principal is that of all stages."""
    arn = "arn:aws:iam::123456789012:oidc-provider/hard.token.dynatracelabs.com"

    [statement] = (await policy(web_identity(), "abc12345.sprint.apps.dynatracelabs.com", arn))["Statement"]

    assert statement["Condition"]["StringEquals"]["hard.token.dynatracelabs.com:sub"] == "dt:connection-id/OBJECT"
