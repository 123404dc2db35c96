"""What the extension for AWS refuses, and what it adds to a value."""

from typing import Any

import pytest

from dynatrace_sandbox.tenant.aws_extension import AwsChecks
from tests.dynatrace_sandbox.in_process import ACCOUNT, ROLE, Tenant, role_based
from tests.dynatrace_sandbox.monitoring import CONFIGURATIONS, OWNER, body, value

CREDENTIAL = {"enabled": False, "description": "d", "connectionId": "*", "accountId": ACCOUNT}


def refused(tenant: Tenant, sent: Any) -> dict[str, str]:
    """Return message by path of a refused POST."""
    answer = tenant.call("POST", CONFIGURATIONS, OWNER, json={"scope": "integration-aws", "value": sent})
    assert answer.status_code == 400, answer.text
    return {one["path"]: one["message"] for one in answer.json()["error"]["details"]["constraintViolations"]}


@pytest.mark.parametrize(
    ("aws", "paths"),
    [
        ({"future": 1}, {"aws/future"}),
        ({"deploymentRegion": "us-east-9"}, {"aws/deploymentRegion"}),
        ({"regionFiltering": ["us-east-1", "us-east-9"]}, {"aws/regionFiltering/1"}),
        ({"regionFiltering": None}, {"aws/regionFiltering"}),
        ({"metricsConfiguration": {"enabled": True, "regions": ["x"]}}, {"aws/metricsConfiguration/regions/0"}),
        ({"cloudWatchLogsConfiguration": {"enabled": True}}, {"aws/cloudWatchLogsConfiguration/regions"}),
        ({"smartscapeConfiguration": True}, {"aws/smartscapeConfiguration"}),
        ({"deploymentMode": "BY_HAND"}, {"aws/deploymentMode"}),
        ({"manualDeploymentStatus": "DONE"}, {"aws/manualDeploymentStatus"}),
        ({"tagFiltering": [{"key": "k", "value": "v"}]}, {"aws/tagFiltering/0/condition"}),
        ({"tagFiltering": {}}, {"aws/tagFiltering"}),
        ({"dtLabelsEnrichment": {"dt.x": {"literal": "a", "tagKey": "b"}}}, {"aws/dtLabelsEnrichment/dt.x"}),
        ({"dtLabelsEnrichment": []}, {"aws/dtLabelsEnrichment/"}),
        ({"namespaces": [{"namespace": "N", "autoDiscoveryEnabled": False}]}, {"aws/namespaces/0/metrics"}),
        (
            {"namespaces": [{"namespace": "N", "autoDiscoveryEnabled": False, "metrics": [{"type": "X"}]}]},
            {"aws/namespaces/0/metrics/0/type"},
        ),
        ({"credentials": []}, {"aws/credentials"}),
        ({"credentials": ["x"]}, {"aws/credentials/0"}),
        ({"credentials": [CREDENTIAL | {"accountId": "12"}]}, {"aws/credentials/0/accountId"}),
        ({"credentials": [CREDENTIAL | {"connectionId": "gone"}]}, {"aws/credentials/0/connectionId"}),
        ({"credentials": [CREDENTIAL | {"secret": "s"}]}, {"aws/credentials/0/secret"}),
    ],
)
def test_what_is_wrong_is_named_by_its_path(tenant: Tenant, aws: dict[str, Any], paths: set[str]) -> None:
    """Paths begin at the body, with slashes. What no source says is refused."""
    assert paths <= {path.removeprefix("value/") for path in refused(tenant, value(**aws))}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"version": "2.0.0"}, "value/version"),
        ({"version": "1.0.0", "featureSets": ["EC2_autodiscovery"]}, "value/featureSets/0"),
        ({"description": ""}, "value/description"),
        ({"enabled": "yes"}, "value/enabled"),
        ({"activationContext": "LOCAL"}, "value/activationContext"),
        ({"extra": 1}, "value/extra"),
        ({"aws": []}, "value/aws"),
    ],
)
def test_the_top_of_a_value_is_checked(tenant: Tenant, changes: dict[str, Any], path: str) -> None:
    """A version must be installed, and have the feature sets."""
    assert path in refused(tenant, value() | changes)


def test_an_account_is_in_one_configuration_only(tenant: Tenant) -> None:
    """The message is Dynatrace's. An update does not collide with itself."""
    answer = tenant.call("POST", CONFIGURATIONS, OWNER, json=body())
    path = f"{CONFIGURATIONS}/{answer.json()['objectId']}"

    assert refused(tenant, value()) == {"value/aws/credentials/0/accountId": "Account ID must be unique"}
    assert tenant.call("PUT", path, OWNER, json={"value": value()}).status_code == 200
    assert refused(tenant, value(credentials=["x", CREDENTIAL]))["value/aws/credentials/1/accountId"]


def test_an_enabled_credential_needs_a_connection_with_a_role_arn(tenant: Tenant) -> None:
    """Unknown in Dynatrace; the sandbox is strict. The connection can be anybody's."""
    object_id = tenant.create("one", OWNER, value=role_based("one"))

    message = refused(tenant, value(object_id))["value/aws/credentials/0/connectionId"]
    assert message == f"Connection {object_id} has no role ARN"

    principal = {"Effect": "Allow", "Principal": {"AWS": "314146291599"}, "Action": "sts:AssumeRole"}
    tenant.iam.add({"Version": "2012-10-17", "Statement": [principal]})
    assert tenant.put(object_id, role_based("one", ROLE), OWNER).status_code == 200
    assert tenant.call("POST", CONFIGURATIONS, "stranger-platform-token", json=body(object_id)).status_code == 201


def test_what_was_not_sent_is_echoed(tenant: Tenant) -> None:
    """Empty lists, logs that are off, and statuses; what was sent stays."""
    echoed = AwsChecks(tenant.sandbox.environment).complete(value(tagFiltering=[{"key": "k"}]))["aws"]

    assert echoed["tagFiltering"] == [{"key": "k"}]
    assert (echoed["tagEnrichment"], echoed["namespaces"]) == ([], [])
    assert echoed["cloudWatchLogsConfiguration"] == {"enabled": False, "regions": []}
    assert (echoed["manualDeploymentStatus"], echoed["automatedDeploymentStatus"]) == ("NA", "NA")
