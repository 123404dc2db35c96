"""The schema of AWS connections as each release has it. Source: docs/design/0008-sources.md#aws-connection-schema."""

from typing import Any

import pytest

from dynatrace_sandbox.tenant.releases import NEWEST, RELEASES, load_schemas, load_versions
from tests.dynatrace_sandbox.in_process import SCHEMA

DA, CARBON, BO = "SVC:com.dynatrace.da", "APP:dynatrace.biz.carbon", "SVC:com.dynatrace.bo"
OPENPIPELINE, GRAIL, CONNECTOR = (
    "SVC:com.dynatrace.openpipeline",
    "SVC:com.dynatrace.grail",
    "APP:dynatrace.aws.connector",
)
CONSUMERS = {
    "0.0.24": ({"DA", DA, CARBON, BO, OPENPIPELINE, "NONE"}, {CONNECTOR, CARBON}),
    "0.0.26": ({"DA", DA, BO, OPENPIPELINE, GRAIL, "NONE"}, {CONNECTOR}),
    "345": ({DA, BO, OPENPIPELINE, GRAIL}, {CONNECTOR}),
}


def values(schema: Any, enum: str) -> set[str]:
    return {item["value"] for item in schema["enums"][enum]["items"]}


def test_the_newest_release_is_the_default() -> None:
    """The releases are ordered."""
    assert RELEASES[-1] == NEWEST == "345"
    assert load_schemas() == load_schemas("345")


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_has_its_consumers(release: str) -> None:
    """A3: the consumers of each kind of authentication, with the default that applies when none are sent."""
    schema = load_schemas(release)[SCHEMA]

    assert (
        values(schema, "ConsumersOfAwsRoleBasedAuthentication"),
        values(schema, "ConsumersOfAwsWebIdentity"),
    ) == CONSUMERS[release]
    defaults = {name: kind["properties"]["consumers"]["default"] for name, kind in schema["types"].items()}
    assert defaults == {"AwsRoleBasedAuthenticationConfig": [DA], "AwsWebIdentity": [CONNECTOR]}


@pytest.mark.parametrize("release", RELEASES)
def test_the_schema_has_the_published_form(release: str) -> None:
    """A3: defaults, policies, limits and the messages of patterns; nothing that the published schema does not have."""
    schema = load_schemas(release)[SCHEMA]
    name, kind = schema["properties"]["name"], schema["properties"]["type"]

    assert (name["default"], name["modificationPolicy"]) == ("", "ALWAYS")
    assert (kind["default"], kind["modificationPolicy"]) == ("awsRoleBasedAuthentication", "NEVER")
    assert [rule.get("customMessage") for rule in name["constraints"]] == [None, "The symbol : is not allowed the name"]
    assert (schema["maturity"], schema["maxObjects"], schema["metadata"]) == ("GENERAL_AVAILABILITY", 3000, {})
    every = [
        *schema["properties"].values(),
        *(rule for one in schema["types"].values() for rule in one["properties"].values()),
    ]
    assert all({"documentation", "nullable", "maxObjects", "modificationPolicy"} <= rule.keys() for rule in every)
    assert all(
        {"summaryPattern", "searchPattern", "version", "versionInfo"} <= one.keys() for one in schema["types"].values()
    )


@pytest.mark.parametrize("release", RELEASES)
def test_uniqueness_is_a_schema_constraint(release: str) -> None:
    """A2: `schemaConstraints` has UNIQUE, `constraints` the external validator. Source: #settings-schemas."""
    schema = load_schemas(release)[SCHEMA]

    assert [rule["type"] for rule in schema["constraints"]] == ["CUSTOM_VALIDATOR_REF"]
    assert [(rule["type"], rule["uniqueProperties"]) for rule in schema["schemaConstraints"]] == [("UNIQUE", ["name"])]


def test_an_environment_knows_older_versions() -> None:
    """And no newer ones."""
    assert load_versions("0.0.26").keys() == {(SCHEMA, "0.0.24"), (SCHEMA, "0.0.26")}
    assert load_versions("345").keys() >= load_versions("0.0.26").keys()
