"""Good documents, from which hostile ones are made: states, answers of the Settings API, trust policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform_plugin import Resource
from terraform_provider_dynatrace.aws.monitoring import FEATURE_SETS, REGIONS
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection
from terraform_provider_dynatrace.resources.aws_connection_role_arn import AwsConnectionRoleArn
from terraform_provider_dynatrace.resources.aws_monitoring_configuration import AwsMonitoringConfiguration
from terraform_provider_dynatrace.resources.settings_owner import SettingsOwner
from terraform_provider_dynatrace.resources.settings_permissions import SettingsPermissions

ID = "vu9U3hXa3q0AAAABAAAAAAAAAAAAAAAAAAAA"
ARN = "arn:aws:iam::123456789012:role/dynatrace"
ISSUER, AUDIENCE = "token.dynatrace.com", "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{ISSUER}"
UUID = "00000000-0000-4000-8000-000000000001"

STATES: Mapping[type[Resource], Mapping[str, Any]] = {
    AwsConnection: {
        "id": ID,
        "name": "production",
        "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}],
        "role_based_auth": [],
    },
    AwsConnectionRoleArn: {"id": ID, "aws_connection_id": ID, "role_arn": ARN, "timeouts": {"create": "2m"}},
    SettingsOwner: {"id": ID, "settings_object_id": ID, "user": UUID, "group": None},
    SettingsPermissions: {
        "id": ID,
        "settings_object_id": ID,
        "all_users": None,
        "users": [{"user": [{"uid": UUID, "access": "read"}]}],
        "groups": [],
    },
    AwsMonitoringConfiguration: {
        "id": ID,
        "name": "production",
        "enabled": True,
        "connection_id": ID,
        "account_id": "123456789012",
        "regions": ["us-east-1"],
        "feature_sets": ["EC2_essential"],
        "extension_version": "1.0.0",
        "deployment_region": "us-east-1",
        "scope": "integration-aws",
        "activation_context": "DATA_ACQUISITION",
        "deployment_scope": "SINGLE_ACCOUNT",
        "deployment_mode": "MANUAL",
        "configuration_mode": "ADVANCED",
        "smartscape_enabled": True,
        "tag_enrichment": ["team"],
        "additional_json": '{"aws": {"newer": {"list": [1]}}}',
        "tag_filter": [{"key": "team", "value": "x", "condition": "INCLUDE"}],
        "cloud_watch_logs": [{"enabled": True, "regions": None}],
        "custom_namespace": [
            {
                "namespace": "AWS/GroundStation",
                "auto_discovery_enabled": False,
                "metric": [
                    {"name": "m", "unit": "Count", "dimensions": ["d"], "aggregations": ["Sum"], "type": "CUSTOM"}
                ],
            }
        ],
        "dt_label_enrichment": [{"label": "dt.team", "literal": "x", "tag_key": None}],
        "timeouts": {"create": "2m"},
    },
}

OBJECT = {
    "objectId": ID,
    "schemaId": "builtin:hyperscaler-authentication.connections.aws",
    "schemaVersion": "1.0.0",
    "updateToken": "token",
    "externalId": "terraform-1",
    "owner": {"type": "user", "id": UUID},
    "resourceContext": {"operations": ["read", "write"]},
    "value": {
        "name": "production",
        "type": "awsWebIdentity",
        "awsWebIdentity": {"roleArn": ARN, "consumers": ["APP:dynatrace.aws.connector"]},
    },
}
ERROR = {
    "code": 400,
    "error": {
        "code": 400,
        "message": "Constraints violated.",
        "constraintViolations": [{"path": "awsWebIdentity/roleArn", "message": "Unable to assume role"}],
    },
}
PAGE = {"items": [OBJECT], "totalCount": 1, "pageSize": 500}
CREATED = [{"code": 200, "objectId": ID}]
PERMISSIONS = {"accessors": [{"accessor": {"type": "user", "id": UUID}, "permissions": ["r", "w"]}]}
VALUE = {
    "enabled": True,
    "description": "production",
    "version": "1.0.0",
    "activationContext": "DATA_ACQUISITION",
    "featureSets": ["EC2_essential"],
    "aws": {
        "credentials": [
            {"enabled": True, "description": "production", "connectionId": ID, "accountId": "123456789012"}
        ],
        "deploymentRegion": "us-east-1",
        "regionFiltering": ["us-east-1"],
        "tagFiltering": [{"key": "team", "value": "x", "condition": "INCLUDE"}],
        "tagEnrichment": ["team"],
        "smartscapeConfiguration": {"enabled": True},
        "metricsConfiguration": {"enabled": True, "regions": ["us-east-1"]},
        "cloudWatchLogsConfiguration": {"enabled": True, "regions": ["us-east-1"]},
        "newer": {"list": [1]},
        "namespaces": [
            {
                "namespace": "AWS/GroundStation",
                "autoDiscoveryEnabled": False,
                "metrics": [
                    {"name": "m", "unit": "Count", "dimensions": ["d"], "aggregations": ["Sum"], "type": "CUSTOM"}
                ],
            }
        ],
        "dtLabelsEnrichment": {"dt.team": {"literal": "x"}},
    },
}
CONFIGURATION = {"objectId": ID, "scope": "integration-aws", "value": VALUE}
CONFIGURATIONS = {"items": [CONFIGURATION], "totalCount": 1, "nextPageKey": None}
VERSIONS = {"items": [{"version": "1.0.0"}, {"version": "1.10.0"}]}
ENUMS = {
    "enums": {
        REGIONS: {"items": [{"value": "us-east-1"}]},
        FEATURE_SETS: {"items": [{"value": "EC2_essential"}]},
    }
}
RIGHTS = [{"permission": "settings:objects:admin", "granted": "true"}]
LOGIN = {"access_token": "abc", "expires_in": 300, "token_type": "Bearer"}
ERRORS: list[Any] = [ERROR, [ERROR]]

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Dynatrace",
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {f"{ISSUER}:aud": [AUDIENCE]},
                "StringLike": {f"{ISSUER}:sub": "dt:connection-id/*"},
            },
        },
        {"Effect": "Deny", "Principal": "*", "NotAction": ["sts:*"], "Condition": {"Null": {"aws:x": "true"}}},
    ],
}
