"""A monitoring configuration of the extension for AWS: its value in Dynatrace, and the same in Terraform's state. Pure.

Source: docs/design/0008-sources.md#monitoring-configuration; #official-monitoring for the names in the state. The
extension's schema is not published, so everything that is not known here is kept as Dynatrace has it.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from terraform_plugin.cty.types import Unknown
from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.aws.additional_json import merged, observed, without
from terraform_provider_dynatrace.aws.monitoring_blocks import (
    Label,
    Namespace,
    Regional,
    TagFilter,
    kept,
    label_blocks,
    log_blocks,
    namespace_blocks,
    set_labels,
    set_logs,
    set_namespaces,
    set_tag_filters,
    tag_filter_blocks,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from terraform_plugin import Value

EXTENSION = "com.dynatrace.extension.da-aws"
SCOPE = "integration-aws"
REGIONS, FEATURE_SETS = "dynatrace.datasource.aws:region", "FeatureSetsType"
"""The names of the two enumerations in the extension's schema."""
AUTOMATED, MANUAL = "AUTOMATED", "MANUAL"
PLACEHOLDER = "*"
"""The connection of a configuration whose automated deployment has not reported its connection yet."""

_STATUSES = {MANUAL: "COMPLETE", AUTOMATED: "NA"}
"""`manualDeploymentStatus` by deployment mode: Terraform creates the role, so a manual deployment is complete."""

_TEXTS = {
    "deployment_region": "deploymentRegion",
    "deployment_scope": "deploymentScope",
    "deployment_mode": "deploymentMode",
    "configuration_mode": "configurationMode",
}
"""The attributes that are a text in `aws`, and the names of these texts."""

DEFAULTS = {
    "activation_context": "DATA_ACQUISITION",
    "deployment_scope": "SINGLE_ACCOUNT",
    "deployment_mode": MANUAL,
    "configuration_mode": "QUICK_START",
}
"""What these attributes are if they are not configured, and if a value in Dynatrace does not have them."""

_ATTRIBUTES = {
    "scope": Path("scope"),
    "enabled": Path("enabled"),
    "description": Path("name"),
    "version": Path("extension_version"),
    "activationContext": Path("activation_context"),
    "featureSets": Path("feature_sets"),
    **{f"aws/{name}": Path(attribute) for attribute, name in _TEXTS.items()},
    "aws/credentials": Path("connection_id"),
    "aws/credentials/0/accountId": Path("account_id"),
    "aws/regionFiltering": Path("regions"),
    "aws/metricsConfiguration": Path("regions"),
    "aws/smartscapeConfiguration": Path("smartscape_enabled"),
    "aws/tagFiltering": Path("tag_filter"),
    "aws/tagEnrichment": Path("tag_enrichment"),
    "aws/cloudWatchLogsConfiguration": Path("cloud_watch_logs"),
    "aws/namespaces": Path("custom_namespace"),
    "aws/dtLabelsEnrichment": Path("dt_label_enrichment"),
}
PATHS = _ATTRIBUTES | {f"value/{path}": attribute for path, attribute in _ATTRIBUTES.items()}
"""The attribute for each path in a violation. Whether paths begin at the body or at the value is unknown."""

MANAGED: Mapping[str, Any] = {
    **dict.fromkeys(("enabled", "description", "version", "activationContext", "featureSets"), True),
    "aws": {
        **dict.fromkeys((*_TEXTS.values(), "regionFiltering", "tagFiltering", "tagEnrichment", "namespaces"), True),
        "credentials": [dict.fromkeys(("enabled", "connectionId", "accountId"), True)],
        "smartscapeConfiguration": {"enabled": True},
        "metricsConfiguration": {"regions": True},
        "cloudWatchLogsConfiguration": dict.fromkeys(("enabled", "regions"), True),
        "dtLabelsEnrichment": True,
    },
}
"""The properties that attributes stand for. `additional_json` must not contain them."""

SERVERS_OWN = frozenset({"manualDeploymentStatus", "automatedDeploymentStatus", "automatedDeploymentTemplateVersion"})
"""Properties of `aws` that a deployment writes."""


class _Credential(Struct, rename="camel", frozen=True):
    enabled: bool = False
    connection_id: str = ""
    account_id: str = ""


class _Switch(Struct, frozen=True):
    enabled: bool = False


class _Aws(Struct, rename="camel", frozen=True):
    credentials: list[_Credential]
    deployment_region: str | None = None
    deployment_scope: str | None = None
    deployment_mode: str | None = None
    configuration_mode: str | None = None
    region_filtering: list[str] = []
    tag_filtering: list[TagFilter] = []
    tag_enrichment: list[str] = []
    dt_labels_enrichment: dict[str, Label] = {}
    smartscape_configuration: _Switch = _Switch()
    metrics_configuration: Regional = Regional()
    cloud_watch_logs_configuration: Regional = Regional()
    namespaces: list[Namespace] = []


class Monitoring(Struct, rename="camel", frozen=True):
    """The properties of a value that this provider knows; others are ignored."""

    aws: _Aws
    enabled: bool = False
    description: str = ""
    version: str = ""
    activation_context: str | None = None
    feature_sets: list[str] = []

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Monitoring:
        """Return what is known of a value. Raises `Error` for one in an unknown form."""
        try:
            return msgspec.convert(value, cls)
        except msgspec.ValidationError as error:
            raise Error(
                "Unexpected response from Dynatrace",
                f"A monitoring configuration of {EXTENSION} has an unknown form: {error}. Use a newer release of the "
                "provider; if there is none, please report this.",
            ) from None

    @property
    def credential(self) -> _Credential:
        """The first credential. One account has one; those of an organization can have more, which are kept."""
        return self.aws.credentials[0] if self.aws.credentials else _Credential()

    @property
    def is_enabled(self) -> bool:
        """Whether it collects data: it has a switch of its own, and each of its credentials has one."""
        return self.enabled and all(one.enabled for one in self.aws.credentials)


def awaits_deployment(state: Mapping[str, Value]) -> bool:
    """Return whether an automated deployment is to write the connection, and to enable the configuration."""
    return bool(state["connection_id"] == PLACEHOLDER)


def to_value(plan: Mapping[str, Value]) -> dict[str, Any]:
    """Return the value of a new monitoring configuration. Unknown feature sets are left to Dynatrace."""
    credential = {"enabled": False, "description": plan["name"], "connectionId": PLACEHOLDER}
    status = {"manualDeploymentStatus": _STATUSES.get(plan["deployment_mode"], "NA"), "automatedDeploymentStatus": "NA"}
    empty = {
        "enabled": False,
        "aws": {**status, "credentials": [credential], "metricsConfiguration": {"enabled": True}},
    }
    return updated(empty, {}, plan)


def updated(value: Mapping[str, Any], state: Mapping[str, Value], plan: Mapping[str, Value]) -> dict[str, Any]:
    """Return `value`, which Dynatrace has, changed to what is planned; the rest of it stays.

    `state` is what was planned before, {} for a new configuration. A list whose elements say what is planned stays as
    it is, with what else they contain. Raises `Error` for a value in an unknown form.
    """
    Monitoring.of(value)
    changed = deepcopy(dict(value))
    if state and state["additional_json"] != plan["additional_json"]:
        changed = without(changed, state["additional_json"])
    aws = changed["aws"]
    changed |= {
        "description": plan["name"],
        "version": plan["extension_version"],
        "activationContext": plan["activation_context"],
    }
    if not isinstance(plan["feature_sets"], Unknown) and plan["feature_sets"] is not None:
        changed["featureSets"] = kept(changed.get("featureSets"), sorted(plan["feature_sets"]), sorted)
    if state and state["deployment_mode"] != plan["deployment_mode"]:
        aws["manualDeploymentStatus"] = _STATUSES.get(plan["deployment_mode"], "NA")
    aws |= {name: plan[attribute] for attribute, name in _TEXTS.items()}
    _set_credentials(changed, state, plan)
    _set_collection(aws, plan)
    return merged(changed, plan["additional_json"])


def _set_credentials(changed: dict[str, Any], state: Mapping[str, Value], plan: Mapping[str, Value]) -> None:
    first, *others = changed["aws"].get("credentials") or [{}]
    first["accountId"] = plan["account_id"]
    if state and first.get("description") == state["name"]:
        first["description"] = plan["name"]
    if not awaits_deployment(plan):
        first["connectionId"] = plan["connection_id"]
        for switch in (changed, first, *others):
            switch["enabled"] = plan["enabled"]
    changed["aws"]["credentials"] = [first, *others]


def _set_collection(aws: dict[str, Any], plan: Mapping[str, Value]) -> None:
    regions = plan["regions"]
    aws["regionFiltering"] = kept(aws.get("regionFiltering"), regions, sorted)
    metrics = aws.get("metricsConfiguration") or {}
    aws["metricsConfiguration"] = metrics | {"regions": kept(metrics.get("regions"), regions, sorted)}
    aws["smartscapeConfiguration"] = (aws.get("smartscapeConfiguration") or {}) | {
        "enabled": plan["smartscape_enabled"]
    }
    aws["tagEnrichment"] = kept(aws.get("tagEnrichment"), sorted(plan["tag_enrichment"] or []), sorted)
    set_logs(aws, plan)
    set_tag_filters(aws, plan["tag_filter"])
    set_namespaces(aws, plan["custom_namespace"])
    set_labels(aws, plan["dt_label_enrichment"])


def from_value(scope: str, value: Mapping[str, Any], state: Mapping[str, Value]) -> dict[str, Value]:
    """Return the attributes for a value that Dynatrace has. `state` is what was there before, {} for an import.

    What says the same as before keeps its spelling: the order of lists, and absence for what is empty. What an
    automated deployment writes is not a change. Raises `Error` for a value in an unknown form.
    """
    found = Monitoring.of(value)
    aws = found.aws
    waits = bool(state) and state.get("connection_id") is not None and awaits_deployment(state)
    return {
        "scope": scope,
        "name": found.description,
        "enabled": state["enabled"] if waits else found.is_enabled,
        "extension_version": found.version,
        "activation_context": _text(found.activation_context, "activation_context", state),
        "connection_id": PLACEHOLDER if waits else found.credential.connection_id,
        "account_id": found.credential.account_id,
        "regions": _regions(aws, state.get("regions")),
        "feature_sets": found.feature_sets,
        **{attribute: _text(getattr(aws, attribute), attribute, state) for attribute in _TEXTS},
        "smartscape_enabled": aws.smartscape_configuration.enabled,
        "tag_enrichment": aws.tag_enrichment or _same_absence(state.get("tag_enrichment")),
        "tag_filter": tag_filter_blocks(aws.tag_filtering, state.get("tag_filter")),
        "cloud_watch_logs": log_blocks(aws.cloud_watch_logs_configuration, state),
        "custom_namespace": namespace_blocks(aws.namespaces, state.get("custom_namespace")),
        "dt_label_enrichment": label_blocks(aws.dt_labels_enrichment, state.get("dt_label_enrichment")),
        "additional_json": observed(value, state.get("additional_json")),
    }


def _text(found: str | None, attribute: str, state: Mapping[str, Value]) -> Value:
    return found or state.get(attribute) or DEFAULTS.get(attribute)


def _regions(aws: _Aws, before: Sequence[str] | None) -> list[str]:
    """Return the regions. Two properties have them: the one that somebody changed counts."""
    both = (aws.region_filtering, aws.metrics_configuration.regions)
    if before is None:
        return both[0]
    return next((regions for regions in both if sorted(regions) != sorted(before)), list(before))


def _same_absence(before: Value) -> list[Value] | None:
    return [] if before == [] else None
