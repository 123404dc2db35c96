"""Values of monitoring configurations, as published examples have them."""

from typing import Any

from dynatrace_sandbox.api.app import EXTENSIONS

EXTENSION = f"{EXTENSIONS}/extensions/com.dynatrace.extension.da-aws"
CONFIGURATIONS = f"{EXTENSION}/monitoring-configurations"
OWNER = "platform-token"


def value(connection: str = "*", account: str = "123456789012", **aws: Any) -> dict[str, Any]:
    """Return the value of a configuration; `aws` replaces or adds properties of `aws`."""
    enabled = connection != "*"
    credential = {"enabled": enabled, "description": "d", "connectionId": connection, "accountId": account}
    regions = ["us-east-1", "eu-central-1"]
    known = {
        "deploymentRegion": "us-east-1",
        "deploymentMode": "MANUAL",
        "credentials": [credential],
        "regionFiltering": regions,
        "smartscapeConfiguration": {"enabled": True},
        "metricsConfiguration": {"enabled": True, "regions": regions},
    }
    return {"enabled": enabled, "description": "d", "version": "1.0.7", "featureSets": [], "aws": known | aws}


def body(connection: str = "*", account: str = "123456789012", **aws: Any) -> dict[str, Any]:
    """Return the body of a POST."""
    return {"scope": "integration-aws", "value": value(connection, account, **aws)}
