"""An object merged over a value, taken out of it again, and compared with what is there."""

import json
from typing import Any

import pytest

from terraform_provider_dynatrace.aws.additional_json import merged, observed, problems, without
from terraform_provider_dynatrace.aws.monitoring import MANAGED

VALUE = {"a": 1, "aws": {"b": [1], "credentials": [{"accountId": "1"}]}}


@pytest.mark.parametrize(
    ("additions", "expected"),
    [
        ({}, VALUE),
        ({"c": {"d": 2}}, {**VALUE, "c": {"d": 2}}),
        ({"aws": {"e": None}}, {"a": 1, "aws": {**VALUE["aws"], "e": None}}),  # type: ignore[dict-item]
        ({"aws": {"b": []}}, {"a": 1, "aws": {"b": [], "credentials": [{"accountId": "1"}]}}),
        (
            {"aws": {"credentials": [{"rootOrganizationId": "o"}]}},
            {"a": 1, "aws": {"b": [1], "credentials": [{"accountId": "1", "rootOrganizationId": "o"}]}},
        ),
    ],
)
def test_objects_are_merged_and_anything_else_replaces(additions: Any, expected: Any) -> None:
    """Elements of lists of the same length are merged, too. What was added is then observed as it was written."""
    text = json.dumps(additions, indent=1)

    changed = merged(json.loads(json.dumps(VALUE)), text)

    assert changed == expected
    assert observed(changed, text) == text


def test_what_differs_is_observed_as_it_is() -> None:
    """Another value, or none; what the additions do not mention does not matter."""
    text = '{"aws": {"x": 1, "y": 2}, "z": {"w": 3}}'

    assert observed({"aws": {"x": 5, "other": 1}, "z": {}}, text) == '{"aws":{"x":5},"z":{}}'
    assert observed({}, text) == "{}"
    assert observed({"aws": {"x": 5}}, None) is None


def test_additions_are_taken_out_again() -> None:
    """The rest stays, also inside of the elements of lists."""
    text = '{"a": 1, "aws": {"credentials": [{"rootOrganizationId": "o"}]}}'
    changed = merged({"aws": {"credentials": [{"accountId": "1"}]}, "k": 1}, text)

    assert without(changed, text) == {"aws": {"credentials": [{"accountId": "1"}]}, "k": 1}
    assert without({"aws": 1}, text) == {}
    assert without({"k": 1}, None) == {"k": 1}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", ["Invalid JSON"]),
        ("[]", ["Invalid JSON"]),
        ("null", ["Invalid JSON"]),
        ('{"aws": {"ingestPercentileMetrics": true}, "dtAttributes": {}}', []),
        ('{"aws": {"metricsConfiguration": {"enabled": false}, "manualDeploymentStatus": "NA"}}', []),
        ('{"aws": {"credentials": [{"rootOrganizationId": "o"}]}}', []),
    ],
)
def test_it_must_be_an_object(text: str, found: list[str]) -> None:
    """Properties without an attribute can be set."""
    assert [error.summary for error in problems(text, MANAGED)] == found


@pytest.mark.parametrize(
    ("additions", "path"),
    [
        ({"enabled": True}, "enabled"),
        ({"aws": []}, "aws"),
        ({"aws": {"deploymentMode": "MANUAL"}}, "aws.deploymentMode"),
        ({"aws": {"metricsConfiguration": {"regions": []}}}, "aws.metricsConfiguration.regions"),
        ({"aws": {"metricsConfiguration": None}}, "aws.metricsConfiguration"),
        ({"aws": {"tagFiltering": []}}, "aws.tagFiltering"),
        ({"aws": {"credentials": [{"accountId": "1"}]}}, "aws.credentials[0].accountId"),
        ({"aws": {"credentials": []}}, "aws.credentials"),
        ({"aws": {"credentials": [{}, {}]}}, "aws.credentials"),
    ],
)
def test_it_must_not_override_an_attribute(additions: Any, path: str) -> None:
    """The property is named."""
    [error] = problems(json.dumps(additions), MANAGED)

    assert (error.summary, str(error.path)) == ("Property with an attribute of its own", "additional_json")
    assert f"must not contain {path}, because" in error.detail


@pytest.mark.parametrize("depth", [110, 600, 900, 5000])
def test_it_must_not_be_nested_too_deeply(depth: int) -> None:
    """Dynatrace would take it, and then it could be read, but not be changed."""
    [error] = problems(f'{{"deep": {"[" * depth}{"]" * depth}}}', MANAGED)

    assert error.summary == "Invalid JSON"
