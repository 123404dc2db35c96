"""What `com.dynatrace.extension.da-aws` accepts, and the deletion of a connection with its monitoring configuration.

The extension's schema is not published. Properties and enumerations are those of published configurations; where no
source says what the server does, the sandbox refuses. Source: docs/design/0008-sources.md#monitoring-configuration.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from dynatrace_sandbox.tenant.environment import Environment
from dynatrace_sandbox.tenant.problems import Violation
from dynatrace_sandbox.tenant.validation import Value

NAME = "com.dynatrace.extension.da-aws"
SCOPE = "integration-aws"
PLACEHOLDER = "*"
"""The connection of a configuration whose automated deployment has not reported its connection yet."""

_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
)
_SERVICES = ("ApplicationELB", "DynamoDB", "EBS", "EC2", "ECS", "EKS", "Lambda", "RDS", "S3", "SNS", "SQS")
_FEATURE_SETS = {
    "1.0.0": [f"{service}_essential" for service in _SERVICES],
    "1.0.7": [f"{service}_{kind}" for service in _SERVICES for kind in ("essential", "autodiscovery")],
}
"""A subset of the published feature sets. Which version has which of them is invented: no source says it."""

_ENUMS: Mapping[str, Sequence[str]] = {
    "configurationMode": ("QUICK_START", "ADVANCED"),
    "deploymentMode": ("AUTOMATED", "MANUAL"),
    "deploymentScope": ("SINGLE_ACCOUNT", "ORGANIZATION", "MULTI_ACCOUNT"),
    "manualDeploymentStatus": ("NA", "COMPLETE"),
}
_TOP = {"enabled", "description", "version", "activationContext", "featureSets", "aws"}
_AWS = {
    *(*_ENUMS, "automatedDeploymentStatus", "automatedDeploymentTemplateVersion", "deploymentRegion", "credentials"),
    *("regionFiltering", "tagFiltering", "tagEnrichment", "dtLabelsEnrichment", "smartscapeConfiguration"),
    *("metricsConfiguration", "cloudWatchLogsConfiguration", "eventsConfiguration", "namespaces"),
    *("ingestPercentileMetrics", "ingestS3StorageLENSMetrics"),
}
_CREDENTIAL = {
    *("enabled", "description", "connectionId", "accountId"),
    *("rootOrganizationId", "parentConfigurationId", "overrideParentConfiguration"),
}
_CONDITIONS = ("INCLUDE", "EXCLUDE")
_METRIC_TYPES = ("CUSTOM_AWS", "CUSTOM")
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)


class AwsChecks:
    """Checks values against the connections of `environment`.

    A deleted configuration's connection is gone `deletion_delay` seconds later.
    """

    def __init__(self, environment: Environment, deletion_delay: float = 0) -> None:
        self._environment = environment
        self.deletion_delay = deletion_delay

    scope = SCOPE
    """The only scope that is published. Whether the server refuses others is not known."""

    def schemas(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the part of the schemas that Dynatrace's own tool reads: two enumerations."""
        return {version: _schema(version) for version in _FEATURE_SETS}

    def violations(self, value: Value, others: Sequence[Value]) -> list[Violation]:
        """Return what is wrong with a value; an account can only be in one configuration."""
        aws = value.get("aws")
        found = list(_top(value))
        if not isinstance(aws, dict):
            return [*found, Violation("aws", "Must be an object")]
        taken = {str(one["accountId"]) for other in others for one in credentials_of(other)}
        return [*found, *_aws(aws), *self._credentials(aws.get("credentials"), taken)]

    def complete(self, value: Value) -> Value:
        """Return the value with the empty lists and switches that the server echoes when they were not sent."""
        logs = {"enabled": False, "regions": []}
        empty: Value = {"tagFiltering": [], "tagEnrichment": [], "namespaces": [], "cloudWatchLogsConfiguration": logs}
        status = {"manualDeploymentStatus": "NA", "automatedDeploymentStatus": "NA"}
        return {"featureSets": [], **value, "aws": {**empty, **status, **value["aws"]}}

    def deleted(self, value: Value) -> None:
        """Delete the connections of a deleted configuration in the background.

        Whether a connection that a user created is deleted, too, is not known.
        """
        for one in credentials_of(value):
            self._environment.delete_later(str(one.get("connectionId")), self.deletion_delay)

    def _credentials(self, found: Any, taken: Collection[str]) -> Iterator[Violation]:
        path = "aws/credentials"
        if not isinstance(found, list) or not found:
            yield Violation(path, "Must have at least 1 element")
            return
        for index, one in enumerate(found):
            if isinstance(one, dict):
                yield from (broken.below(f"{path}/{index}") for broken in self._credential(one, taken))
            else:
                yield Violation(f"{path}/{index}", "Must be an object")

    def _credential(self, one: Value, taken: Collection[str]) -> Iterator[Violation]:
        yield from _unknown(one, _CREDENTIAL)
        yield from _of_type(one, {"enabled": bool, "description": str, "connectionId": str, "accountId": str})
        account, connection = one.get("accountId"), one.get("connectionId")
        if isinstance(account, str) and not _ACCOUNT.fullmatch(account):
            yield Violation("accountId", "Must have 12 digits")
        elif isinstance(account, str) and account in taken:
            yield Violation("accountId", "Account ID must be unique")
        if isinstance(connection, str) and connection != PLACEHOLDER:
            settings_object = self._environment.store.get(connection)
            if settings_object is None:
                yield Violation("connectionId", f"Connection {connection} does not exist")
            elif one.get("enabled") is True and not _role_arn(settings_object.value):
                yield Violation("connectionId", f"Connection {connection} has no role ARN")


def credentials_of(value: Value) -> list[Value]:
    """Return the credentials of a configuration that are objects."""
    aws = value.get("aws")
    found = aws.get("credentials") if isinstance(aws, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _role_arn(connection: Value) -> str:
    """Return the role ARN of a connection's value, or the empty text."""
    return str(connection.get(connection.get("type", ""), {}).get("roleArn", ""))


def _schema(version: str) -> Mapping[str, Any]:
    enums = {"dynatrace.datasource.aws:region": _REGIONS, "FeatureSetsType": _FEATURE_SETS[version]}
    items = {name: {"items": [{"value": one} for one in values], "type": "enum"} for name, values in enums.items()}
    return {"schemaId": f"ext:{NAME}", "version": version, "enums": items}


def _top(value: Value) -> Iterator[Violation]:
    yield from _unknown(value, _TOP)
    yield from _of_type(value, {"enabled": bool, "description": str, "version": str})
    if value.get("description") == "":
        yield Violation("description", "Must not be empty")
    if value.get("activationContext", "DATA_ACQUISITION") != "DATA_ACQUISITION":
        yield Violation("activationContext", "Must be DATA_ACQUISITION")
    sets = _FEATURE_SETS.get(str(value.get("version")), [])
    yield from _each(value.get("featureSets", []), "featureSets", sets)


def _aws(aws: Value) -> Iterator[Violation]:
    for check in (_settings, _regions, _tags, _namespaces):
        yield from (broken.below("aws") for broken in check(aws))


def _settings(aws: Value) -> Iterator[Violation]:
    yield from _unknown(aws, _AWS)
    yield from _of_type(aws, {"smartscapeConfiguration": dict, "metricsConfiguration": dict})
    for name, allowed in _ENUMS.items():
        if name in aws and aws[name] not in allowed:
            yield Violation(name, f"Must be one of {', '.join(allowed)}")


def _regions(aws: Value) -> Iterator[Violation]:
    if aws.get("deploymentRegion") not in _REGIONS:
        yield Violation("deploymentRegion", f"Unknown enum value '{aws.get('deploymentRegion')}'")
    yield from _each(aws.get("regionFiltering"), "regionFiltering", _REGIONS)
    for name in ("metricsConfiguration", "cloudWatchLogsConfiguration", "eventsConfiguration"):
        if isinstance(part := aws.get(name), dict):
            yield from _each(part.get("regions"), f"{name}/regions", _REGIONS)


def _tags(aws: Value) -> Iterator[Violation]:
    yield from _all_of(aws, "tagFiltering", {"key": str, "value": str, "condition": str})
    for index, one in enumerate(_objects(aws.get("tagFiltering"))):
        if one.get("condition") not in _CONDITIONS:
            yield Violation(f"tagFiltering/{index}/condition", f"Must be one of {', '.join(_CONDITIONS)}")
    yield from _labels(aws.get("dtLabelsEnrichment", {}))


def _namespaces(aws: Value) -> Iterator[Violation]:
    yield from _all_of(aws, "namespaces", {"namespace": str, "autoDiscoveryEnabled": bool, "metrics": list})
    for index, namespace in enumerate(_objects(aws.get("namespaces"))):
        for place, metric in enumerate(_objects(namespace.get("metrics"))):
            if metric.get("type") not in _METRIC_TYPES:
                path = f"namespaces/{index}/metrics/{place}/type"
                yield Violation(path, f"Must be one of {', '.join(_METRIC_TYPES)}")


def _labels(labels: Any) -> Iterator[Violation]:
    for label, source in (labels if isinstance(labels, dict) else {"": None}).items():
        if not isinstance(source, dict) or len(source) != 1 or not source.keys() <= {"literal", "tagKey"}:
            yield Violation(f"dtLabelsEnrichment/{label}", "Must have either literal or tagKey")


def _unknown(value: Value, known: set[str]) -> Iterator[Violation]:
    for name in sorted(value.keys() - known):
        yield Violation(name, "Unknown property")


def _of_type(value: Value, types: Mapping[str, type]) -> Iterator[Violation]:
    for name, wanted in types.items():
        if not isinstance(value.get(name), wanted):
            yield Violation(name, f"Must be of type {wanted.__name__}")


def _all_of(value: Value, name: str, types: Mapping[str, type]) -> Iterator[Violation]:
    if not isinstance(value.get(name, []), list):
        yield Violation(name, "Must be of type list")
    for index, one in enumerate(_objects(value.get(name))):
        yield from (broken.below(f"{name}/{index}") for broken in _of_type(one, types))


def _objects(found: Any) -> list[Value]:
    return [one if isinstance(one, dict) else {} for one in found] if isinstance(found, list) else []


def _each(found: Any, path: str, allowed: Sequence[str]) -> Iterator[Violation]:
    if not isinstance(found, list):
        yield Violation(path, "Must be of type list")
        return
    for index, one in enumerate(found):
        if one not in allowed:
            yield Violation(f"{path}/{index}", f"Unknown enum value '{one}'")
