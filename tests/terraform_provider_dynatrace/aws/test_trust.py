"""What Dynatrace presents, and what a role must trust."""

from __future__ import annotations

import pytest

from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace.aws.connection import ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.aws.trust import (
    RoleBased,
    WebIdentity,
    audience,
    principal,
    subject,
    trust_of,
    without_scheme,
)
from terraform_provider_dynatrace.environment import EnvironmentUrls

TENANT = EnvironmentUrls.parse("https://abc12345.live.dynatrace.com")
LABS = EnvironmentUrls.parse("https://abc12345.dev.apps.dynatracelabs.com")
CONNECTOR = "APP:dynatrace.aws.connector"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"


@pytest.mark.parametrize(
    "tenant_url",
    [
        "https://abc12345.apps.dynatrace.com",
        "https://abc12345.live.dynatrace.com/",
        "abc12345.apps.dynatrace.com",
        "https://abc12345.apps.dynatrace.com/ui/apps",
    ],
)
def test_the_audience_has_neither_scheme_nor_slash(tenant_url: str) -> None:
    """However the tenant URL was written: writing https:// there is the mistake people make most."""
    assert audience(tenant_url, CONNECTOR) == "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"


def test_services_and_apps_have_their_own_audiences() -> None:
    """APP:<x> is /app-id/<x>, SVC:<x> is /svc-id/<x>."""
    assert audience("t.apps.dynatrace.com", "SVC:com.dynatrace.da") == "t.apps.dynatrace.com/svc-id/com.dynatrace.da"


@pytest.mark.parametrize("consumer", ["DA", "NONE", "", "APP:", "app:x", "X:y", "APP:a b", "APP:a/b", "APP:a\n"])
def test_a_consumer_of_another_form_has_no_known_audience(consumer: str) -> None:
    """It is not guessed."""
    with pytest.raises(Error, match="must be APP:"):
        audience("https://abc12345.apps.dynatrace.com", consumer)


def test_the_pages_trust_policy() -> None:
    """Equal in meaning to the page's example."""
    trust = trust_of(WEB_IDENTITY, [CONNECTOR], "OBJECT", TENANT)

    assert isinstance(trust, WebIdentity)
    assert trust.provider_arn("123456789012") == PROVIDER
    assert trust.policy(PROVIDER) == {
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


def test_several_consumers_are_several_audiences() -> None:
    """StringEquals with a list accepts any of them."""
    trust = trust_of(WEB_IDENTITY, list(WEB_IDENTITY.consumers), "OBJECT", TENANT)

    assert isinstance(trust, WebIdentity)
    [statement] = trust.policy(PROVIDER)["Statement"]
    assert statement["Condition"]["StringEquals"]["token.dynatrace.com:aud"] == [
        "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector",
        "abc12345.apps.dynatrace.com/app-id/dynatrace.biz.carbon",
    ]


def test_role_based_trusts_dynatraces_account_with_the_connections_id() -> None:
    """Whatever the consumers are."""
    trust = trust_of(ROLE_BASED, ["DA"], "OBJECT", TENANT)

    assert trust == RoleBased("arn:aws:iam::314146291599:root", "OBJECT")
    assert trust.policy()["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::314146291599:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "OBJECT"}},
        }
    ]


def test_labs_tenants_have_another_account_and_issuer() -> None:
    """476114158034, and the issuer of their stage."""
    trust = trust_of(WEB_IDENTITY, [CONNECTOR], "OBJECT", LABS)

    assert principal(LABS.tenant) == "arn:aws:iam::476114158034:root"
    assert isinstance(trust, WebIdentity)
    assert trust.issuer_host == "dev.token.dynatracelabs.com"
    assert trust.audiences == ("abc12345.dev.apps.dynatracelabs.com/app-id/dynatrace.aws.connector",)


def test_an_issuer_is_known_by_its_host() -> None:
    """As IAM's condition keys and provider ARNs write it."""
    hosts = {without_scheme(url) for url in ("https://token.dynatrace.com/", "token.dynatrace.com")}

    assert hosts == {"token.dynatrace.com"}


def test_the_subject_names_the_connection() -> None:
    """By its settings object id; an older form had dtid: and the name."""
    assert subject("OBJECT") == "dt:connection-id/OBJECT"
