"""What Dynatrace does when a role ARN is set. Source: docs/design/0008-sources.md#aws-trust."""

import pytest

from dynatrace_sandbox.aws.assume_role import audience_of
from tests.dynatrace_sandbox.in_process import (
    AUDIENCE,
    HOST,
    NOW,
    ROLE,
    Tenant,
    creation,
    objects,
    role_based,
    trusting,
    violations,
    web_identity,
)

ACCOUNT_ROLE = {"Effect": "Allow", "Principal": {"AWS": "314146291599"}, "Action": "sts:AssumeRole"}


def reasons(tenant: Tenant) -> list[str]:
    return [attempt.reason for attempt in tenant.sandbox.aws_check.attempts]


def test_a_role_that_trusts_the_connection_is_set(tenant: Tenant) -> None:
    """The attempt shows what was presented."""
    object_id = tenant.create("connection")
    tenant.iam.add(trusting(object_id))

    assert tenant.put(object_id, web_identity("connection", ROLE)).status_code == 200
    (attempt,) = tenant.sandbox.aws_check.attempts
    assert attempt.allowed
    assert attempt.presented == {
        "issuer": "https://token.dynatrace.com",
        "subject": f"dt:connection-id/{object_id}",
        "audience": AUDIENCE,
    }


def test_a_role_that_does_not_trust_it_is_refused(tenant: Tenant) -> None:
    """The violation has Dynatrace's message at the role ARN, and the log has the reason; nothing changes."""
    object_id = tenant.create("connection")
    tenant.iam.add(trusting(object_id, aud=f"https://{AUDIENCE}"))

    response = tenant.put(object_id, web_identity("connection", ROLE))

    assert response.status_code == 400
    message = violations(response)["awsWebIdentity/roleArn"]
    assert message.startswith("Unable to assume role with web identity. (AccessDenied) Not authorized to perform ")
    assert "sts:AssumeRoleWithWebIdentity (Service: Sts, Status Code: 403, Request ID: " in message
    assert f"wants 'https://{AUDIENCE}', got '{AUDIENCE}'" in reasons(tenant)[0]
    assert tenant.get(object_id).json()["value"]["awsWebIdentity"]["roleArn"] == ""


def test_a_token_that_sts_itself_refuses_is_refused_in_other_words(tenant: Tenant) -> None:
    """Without an OIDC provider the role's policy is not looked at: InvalidIdentityToken, and why."""
    object_id = tenant.create("connection")
    tenant.iam.add(trusting(object_id))
    tenant.iam.known.clear()

    message = violations(tenant.put(object_id, web_identity("connection", ROLE)))["awsWebIdentity/roleArn"]

    assert message.startswith(
        "Unable to assume role with web identity. (InvalidIdentityToken) No OpenIDConnect provider "
    )
    assert "https://token.dynatrace.com (Service: Sts, Status Code: 400, Request ID: " in message


def test_the_log_says_what_was_presented_and_why_not(tenant: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    """One line for each attempt."""
    object_id = tenant.create("connection")

    with caplog.at_level("INFO", "dynatrace_sandbox"):
        tenant.put(object_id, web_identity("connection", ROLE))

    presented = f"issuer https://token.dynatrace.com, subject dt:connection-id/{object_id}, audience {AUDIENCE}"
    assert caplog.messages == [f"{ROLE} cannot be assumed with {presented}: there is no role {ROLE}"]


def test_a_role_based_connection_presents_its_id_as_external_id(tenant: Tenant) -> None:
    """The principal is Dynatrace's production account; the refusal is at the other arm."""
    created = tenant.call("POST", objects(), json=[creation("connection", role_based("connection"))])
    object_id = created.json()[0]["objectId"]
    condition = {"StringEquals": {"sts:ExternalId": object_id}}
    tenant.iam.add({"Statement": ACCOUNT_ROLE | {"Condition": condition}})

    refused = tenant.put(object_id, role_based("connection", ROLE + "x"))
    done = tenant.put(object_id, role_based("connection", ROLE))

    assert violations(refused)["awsRoleBasedAuthentication/roleArn"].startswith("Unable to assume role. (AccessDenied)")
    assert done.status_code == 200
    assert tenant.sandbox.aws_check.attempts[-1].presented == {
        "principal": "arn:aws:iam::314146291599:root",
        "external_id": object_id,
    }


def test_a_tenant_of_the_labs_has_another_account_and_issuer() -> None:
    """Environments of dynatracelabs.com use an account of their own."""
    tenant = Tenant(tenant="abc12345.dev.apps.dynatracelabs.com")
    tenant.iam.add({"Statement": ACCOUNT_ROLE})

    refused = tenant.call("POST", objects(), json=[creation("connection", role_based("connection", ROLE))])
    tenant.call("POST", objects(), json=[creation("connection", web_identity("connection", ROLE))])

    assert refused.status_code == 400
    principal, web = (attempt.presented for attempt in tenant.sandbox.aws_check.attempts)
    assert principal["principal"] == "arn:aws:iam::476114158034:root"
    assert web["issuer"] == "https://dev.token.dynatracelabs.com"
    assert web["audience"] == "abc12345.dev.apps.dynatracelabs.com/app-id/dynatrace.aws.connector"


def test_a_new_role_is_not_there_at_once() -> None:
    """IAM is eventually consistent: a role can be assumed when it is `iam_propagation` seconds old."""
    tenant = Tenant(iam_propagation=8)
    object_id = tenant.create("connection")
    tenant.iam.add(trusting(object_id), created=NOW)
    value = web_identity("connection", ROLE)

    statuses = []
    for seconds in (0, 7, 1):
        tenant.now += seconds
        statuses.append(tenant.put(object_id, value).status_code)

    assert statuses == [400, 400, 200]
    assert reasons(tenant)[0] == f"there is no role {ROLE}"


def test_a_changed_trust_policy_counts_at_once() -> None:
    """Only new roles have a delay."""
    tenant = Tenant(iam_propagation=8)
    object_id = tenant.create("connection")
    tenant.iam.add(trusting("other"))
    assert tenant.put(object_id, web_identity("connection", ROLE)).status_code == 400

    tenant.iam.add(trusting(object_id))

    assert tenant.put(object_id, web_identity("connection", ROLE)).status_code == 200


def test_a_role_of_another_account_cannot_be_assumed(tenant: Tenant) -> None:
    """It has neither the role nor the OIDC provider."""
    object_id = tenant.create("connection")

    response = tenant.put(object_id, web_identity("connection", "arn:aws:iam::999999999999:role/connector"))

    assert response.status_code == 400
    assert reasons(tenant) == ["there is no role arn:aws:iam::999999999999:role/connector"]


def test_a_role_arn_is_set_once(tenant: Tenant) -> None:
    """Later, it can be neither changed nor removed. Source: docs/design/0008-sources.md#aws-connection-schema."""
    object_id = tenant.create("connection")
    tenant.iam.add(trusting(object_id))
    assert tenant.put(object_id, web_identity("connection", ROLE)).status_code == 200

    for role_arn in (f"{ROLE}x", ""):
        response = tenant.put(object_id, web_identity("connection", role_arn))
        assert violations(response) == {"awsWebIdentity/roleArn": "Cannot be changed once it has been set"}
    assert tenant.put(object_id, web_identity("connection", ROLE)).status_code == 200


def test_web_identity_needs_a_consumer_for_its_audience(tenant: Tenant) -> None:
    """Without a consumer, there is no audience."""
    value = web_identity("connection", ROLE)
    value["awsWebIdentity"]["consumers"] = []

    response = tenant.call("POST", objects(), json=[creation("connection", value)])

    assert (response.status_code, list(violations(response))) == (400, ["awsWebIdentity/consumers"])


def test_a_validation_also_assumes_the_role(tenant: Tenant) -> None:
    """`validateOnly` runs the whole validation, and stores nothing."""
    object_id = tenant.create("connection")
    only = {"validateOnly": "true"}
    body = {"value": web_identity("connection", ROLE)}

    assert tenant.call("PUT", f"{objects()}/{object_id}", json=body, params=only).status_code == 400
    tenant.iam.add(trusting(object_id))
    assert tenant.call("PUT", f"{objects()}/{object_id}", json=body, params=only).status_code == 200
    assert tenant.get(object_id).json()["value"]["awsWebIdentity"]["roleArn"] == ""


@pytest.mark.parametrize(
    ("consumer", "audience"),
    [
        ("APP:dynatrace.aws.connector", f"{HOST}/app-id/dynatrace.aws.connector"),
        ("APP:dynatrace.biz.carbon", f"{HOST}/app-id/dynatrace.biz.carbon"),
        ("SVC:com.dynatrace.da", f"{HOST}/svc-id/com.dynatrace.da"),
    ],
)
def test_the_audience_names_tenant_and_consumer(consumer: str, audience: str) -> None:
    """The host without scheme, the kind of the consumer, and its name."""
    assert audience_of(HOST, consumer) == audience
