"""The value of a monitoring configuration, from a plan and back to a state."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin import UNKNOWN, Error
from terraform_provider_dynatrace.aws.monitoring import PATHS, PLACEHOLDER, SCOPE, from_value, to_value, updated

PLAN: dict[str, Any] = {
    "scope": SCOPE,
    "name": "production",
    "enabled": True,
    "extension_version": "1.0.7",
    "activation_context": "DATA_ACQUISITION",
    "connection_id": "connection",
    "account_id": "123456789012",
    "regions": ["eu-central-1", "us-east-1"],
    "feature_sets": ["EC2_essential", "RDS_essential"],
    "deployment_region": "eu-central-1",
    "deployment_scope": "SINGLE_ACCOUNT",
    "deployment_mode": "MANUAL",
    "configuration_mode": "QUICK_START",
    "smartscape_enabled": True,
    "tag_enrichment": None,
    "tag_filter": [],
    "cloud_watch_logs": [],
    "custom_namespace": [],
    "dt_label_enrichment": [],
    "additional_json": None,
}
METRIC = {"name": "m", "unit": "Count", "dimensions": ["A", "B"], "aggregations": ["Sum"], "type": "CUSTOM"}
FILTERS = [
    {"key": "owner", "value": "temp", "condition": "EXCLUDE"},
    {"key": "environment", "value": "production", "condition": "INCLUDE"},
]
FULL = PLAN | {
    "tag_enrichment": ["owner"],
    "tag_filter": FILTERS,
    "cloud_watch_logs": [{"enabled": True, "regions": ["us-east-1"]}],
    "custom_namespace": [{"namespace": "MyApp", "auto_discovery_enabled": False, "metric": [METRIC]}],
    "dt_label_enrichment": [
        {"label": "dt.security_context", "literal": "my-app", "tag_key": None},
        {"label": "dt.cost.product", "literal": None, "tag_key": "product"},
    ],
    "additional_json": '{"aws": {"ingestPercentileMetrics": true}}',
}


def echoed(value: dict[str, Any]) -> dict[str, Any]:
    """Return what a server makes of a value: properties of its own, and lists in another order."""
    changed = deepcopy(value) | {"tenantInstanceId": None}
    aws = changed["aws"]
    aws["future"] = {"setting": 1}
    aws["credentials"][0]["future"] = 1
    for name in ("regionFiltering", "tagFiltering", "namespaces"):
        aws[name] = [one | {"future": 1} if isinstance(one, dict) else one for one in reversed(aws[name])]
    return changed


def test_the_value_has_dynatraces_names() -> None:
    """The role is Terraform's, so the manual deployment is complete. Regions are in two places."""
    assert to_value(FULL) == {
        "enabled": True,
        "description": "production",
        "version": "1.0.7",
        "activationContext": "DATA_ACQUISITION",
        "featureSets": ["EC2_essential", "RDS_essential"],
        "aws": {
            "deploymentRegion": "eu-central-1",
            "deploymentScope": "SINGLE_ACCOUNT",
            "deploymentMode": "MANUAL",
            "configurationMode": "QUICK_START",
            "manualDeploymentStatus": "COMPLETE",
            "automatedDeploymentStatus": "NA",
            "credentials": [
                {
                    "enabled": True,
                    "description": "production",
                    "connectionId": "connection",
                    "accountId": "123456789012",
                }
            ],
            "regionFiltering": ["eu-central-1", "us-east-1"],
            "tagFiltering": FILTERS,
            "tagEnrichment": ["owner"],
            "dtLabelsEnrichment": {
                "dt.security_context": {"literal": "my-app"},
                "dt.cost.product": {"tagKey": "product"},
            },
            "smartscapeConfiguration": {"enabled": True},
            "metricsConfiguration": {"enabled": True, "regions": ["eu-central-1", "us-east-1"]},
            "cloudWatchLogsConfiguration": {"enabled": True, "regions": ["us-east-1"]},
            "namespaces": [{"namespace": "MyApp", "autoDiscoveryEnabled": False, "metrics": [METRIC]}],
            "ingestPercentileMetrics": True,
        },
    }


@pytest.mark.parametrize("plan", [PLAN, FULL, FULL | {"enabled": False}])
def test_what_the_server_adds_is_not_a_change(plan: dict[str, Any]) -> None:
    """The state stays as it was planned, and an update with the same plan writes back everything that is there."""
    value = echoed(to_value(plan))

    state = from_value(SCOPE, value, plan)

    assert state == plan
    assert updated(value, plan, plan) == value


def names(prefix: str = "") -> st.SearchStrategy[str]:
    return st.text("abc", min_size=1, max_size=3).map(lambda text: prefix + text)


def some(items: st.SearchStrategy[Any], min_size: int = 0, key: Any = str) -> st.SearchStrategy[list[Any]]:
    """Up to three different items. Longer lists take most of the test's time and find nothing more."""
    return st.lists(items, min_size=min_size, max_size=3, unique_by=key)


FILTER = st.fixed_dictionaries({"key": names(), "value": names(), "condition": st.sampled_from(["INCLUDE", "EXCLUDE"])})
METRICS = st.fixed_dictionaries(
    {
        "name": names(),
        "unit": st.just("Count"),
        "type": st.just("CUSTOM"),
        "dimensions": st.none() | some(names(), min_size=1),
        "aggregations": some(names(), min_size=1),
    }
)
NAMESPACE = st.fixed_dictionaries(
    {
        "namespace": names(),
        "auto_discovery_enabled": st.booleans(),
        "metric": some(METRICS, min_size=1, key=lambda metric: metric["name"]),
    }
)
PLANS = st.fixed_dictionaries(
    {
        "enabled": st.booleans(),
        "smartscape_enabled": st.booleans(),
        "regions": some(names(), min_size=1),
        "feature_sets": some(names()).map(sorted),
        "tag_enrichment": st.none() | some(names()).map(sorted),
        "tag_filter": st.lists(FILTER, max_size=3),
        "cloud_watch_logs": st.lists(
            st.fixed_dictionaries({"enabled": st.booleans(), "regions": st.none() | some(names())}),
            max_size=1,
        ),
        "custom_namespace": some(NAMESPACE, key=lambda one: one["namespace"]),
        "dt_label_enrichment": some(
            st.tuples(names("dt."), names()).map(lambda one: {"label": one[0], "literal": one[1], "tag_key": None}),
            key=lambda one: one["label"],
        ),
    }
).map(lambda changes: PLAN | changes)


@given(PLANS, PLANS)
def test_any_plan_is_read_back_as_it_was_written(before: dict[str, Any], after: dict[str, Any]) -> None:
    """After a create, and after an update of what a server made of another plan. Sets and lists compare as sets."""
    created = echoed(to_value(before))
    assert compared(from_value(SCOPE, created, before)) == compared(before)

    changed = echoed(updated(created, before, after))
    assert compared(from_value(SCOPE, changed, after)) == compared(after)
    assert changed["aws"]["future"] == {"setting": 1}


def compared(state: dict[str, Any]) -> str:
    """Return a state with the elements of sets in order."""
    state = deepcopy(state)
    for namespace in state["custom_namespace"]:
        for metric in namespace["metric"]:
            metric |= {name: metric[name] and sorted(metric[name]) for name in ("dimensions", "aggregations")}
    return json.dumps(state, sort_keys=True)


@pytest.mark.parametrize(
    ("path", "new", "attribute", "seen"),
    [
        ("enabled", False, "enabled", False),
        ("aws.credentials.0.enabled", False, "enabled", False),
        ("description", "other", "name", "other"),
        ("version", "1.0.8", "extension_version", "1.0.8"),
        ("featureSets", [], "feature_sets", []),
        ("aws.regionFiltering", ["us-east-1"], "regions", ["us-east-1"]),
        ("aws.metricsConfiguration.regions", ["us-east-1"], "regions", ["us-east-1"]),
        ("aws.credentials.0.connectionId", "other", "connection_id", "other"),
        ("aws.credentials.0.accountId", "1" * 12, "account_id", "1" * 12),
        ("aws.deploymentScope", "ORGANIZATION", "deployment_scope", "ORGANIZATION"),
        ("aws.smartscapeConfiguration.enabled", False, "smartscape_enabled", False),
        ("aws.tagEnrichment", [], "tag_enrichment", None),
        ("aws.tagFiltering", FILTERS[:1], "tag_filter", FILTERS[:1]),
        ("aws.namespaces", [], "custom_namespace", []),
        ("aws.dtLabelsEnrichment", {}, "dt_label_enrichment", []),
        ("aws.cloudWatchLogsConfiguration.regions", [], "cloud_watch_logs", [{"enabled": True, "regions": []}]),
        ("aws.ingestPercentileMetrics", False, "additional_json", '{"aws":{"ingestPercentileMetrics":false}}'),
    ],
)
def test_a_change_made_elsewhere_is_read_and_planned_back(path: str, new: Any, attribute: str, seen: Any) -> None:
    """The attribute shows it, and an update puts everything back."""
    value = to_value(FULL)
    *outer, last = path.split(".")
    place: Any = value
    for step in outer:
        place = place[int(step)] if step.isdigit() else place[step]
    place[last] = new

    state = from_value(SCOPE, value, FULL)

    assert {name: one for name, one in state.items() if one != FULL[name]} == {attribute: seen}
    assert updated(value, state, FULL) == to_value(FULL)


def test_empty_and_absent_are_kept_apart_as_before() -> None:
    """The server has one spelling for both."""
    value = echoed(to_value(PLAN))

    spellings: list[list[str] | None] = [[], None]
    for tags in spellings:
        assert from_value(SCOPE, value, PLAN | {"tag_enrichment": tags}) == PLAN | {"tag_enrichment": tags}
    off = PLAN | {"cloud_watch_logs": [{"enabled": False, "regions": []}]}
    assert from_value(SCOPE, value, off) == off


def test_an_import_has_no_state_before() -> None:
    """Everything that is there becomes an attribute; what has none is left to Dynatrace."""
    labels = sorted(FULL["dt_label_enrichment"], key=lambda one: str(one["label"]))
    expected = FULL | {"dt_label_enrichment": labels, "additional_json": None}
    assert from_value(SCOPE, to_value(FULL), {}) == expected
    assert from_value(SCOPE, {"aws": {"credentials": []}}, {})["connection_id"] == ""


def test_what_a_value_does_not_have_is_the_default() -> None:
    """Somebody created it with less: an import shows no change for that."""
    value = to_value(PLAN)
    for name in ("deploymentScope", "deploymentMode", "configurationMode"):
        del value["aws"][name]
    del value["activationContext"]

    assert from_value(SCOPE, value, {}) == PLAN
    assert from_value(SCOPE, value, PLAN) == PLAN


def test_feature_sets_can_be_left_to_dynatrace() -> None:
    """They are not sent for a create, and stay as they are at an update."""
    plan = PLAN | {"feature_sets": UNKNOWN}

    assert "featureSets" not in to_value(plan)
    assert updated(to_value(PLAN), PLAN, plan)["featureSets"] == PLAN["feature_sets"]


def test_an_automated_deployment_writes_the_connection_and_the_switches() -> None:
    """With the placeholder, both are its own: no change, and an update does not take them back."""
    plan = PLAN | {"deployment_mode": "AUTOMATED", "connection_id": PLACEHOLDER}
    value = to_value(plan)
    assert (value["enabled"], value["aws"]["credentials"][0]["enabled"]) == (False, False)
    assert (value["aws"]["manualDeploymentStatus"], value["aws"]["credentials"][0]["connectionId"]) == ("NA", "*")

    value["enabled"] = value["aws"]["credentials"][0]["enabled"] = True
    value["aws"]["credentials"][0]["connectionId"] = "real"
    value["aws"]["automatedDeploymentStatus"] = "COMPLETE"

    assert from_value(SCOPE, value, plan) == plan
    renamed = updated(value, plan, plan | {"name": "other"})
    assert renamed == value | {"description": "other", "aws": renamed["aws"]}
    assert renamed["aws"]["credentials"][0] == value["aws"]["credentials"][0] | {"description": "other"}


def test_another_deployment_mode_has_another_status() -> None:
    """Only when the mode changes: what Dynatrace makes of the status afterwards stays."""
    value = to_value(PLAN)
    automated = PLAN | {"deployment_mode": "AUTOMATED"}
    assert updated(value, PLAN, automated)["aws"]["manualDeploymentStatus"] == "NA"

    value["aws"]["manualDeploymentStatus"] = "NA"
    assert updated(value, PLAN, PLAN)["aws"]["manualDeploymentStatus"] == "NA"
    assert updated(value, automated, PLAN)["aws"]["manualDeploymentStatus"] == "COMPLETE"


def test_additions_that_are_no_longer_configured_are_removed() -> None:
    """What else is there stays."""
    value = to_value(FULL)
    value["aws"]["future"] = 1

    changed = updated(value, FULL, FULL | {"additional_json": None})

    assert "ingestPercentileMetrics" not in changed["aws"]
    assert changed["aws"]["future"] == 1


def test_a_switch_is_in_every_credential() -> None:
    """An organization can have more than one; the others keep everything else."""
    value = to_value(PLAN)
    other = {"enabled": True, "connectionId": "x", "accountId": "1" * 12}
    value["aws"]["credentials"].append(other)

    changed = updated(value, PLAN, PLAN | {"enabled": False})

    assert [one["enabled"] for one in changed["aws"]["credentials"]] == [False, False]
    assert changed["aws"]["credentials"][1] == other | {"enabled": False}


@pytest.mark.parametrize("value", [{}, {"aws": []}, {"aws": {"credentials": [], "regionFiltering": "x"}}])
def test_a_value_in_an_unknown_form_is_an_error(value: dict[str, Any]) -> None:
    """It is reported, whether it is read or about to be changed."""
    with pytest.raises(Error, match="Unexpected response"):
        from_value(SCOPE, value, {})
    with pytest.raises(Error, match="unknown form"):
        updated(value, PLAN, PLAN)


def test_paths_of_violations_lead_to_attributes() -> None:
    """Whether they begin at the body or at the value."""
    assert str(PATHS["value/aws/credentials/0/accountId"]) == str(PATHS["aws/credentials/0/accountId"]) == "account_id"
