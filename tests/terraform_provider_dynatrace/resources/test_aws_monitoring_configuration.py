"""The life of a `dynatrace_aws_monitoring_configuration`, over the protocol, against the sandbox."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dynatrace_sandbox.sandbox import Options
from terraform_plugin import UNKNOWN, Error
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant as ProvidersTenant
from terraform_provider_dynatrace.resources.aws_monitoring_configuration import AwsMonitoringConfiguration
from tests.terraform_provider_dynatrace.in_process import ENVIRONMENT, Tenant, losing
from tests.terraform_provider_dynatrace.monitored import ACCOUNT, TYPE, Environment, configured

FULL = {
    "feature_sets": ["EC2_essential"],
    "tag_enrichment": ["owner"],
    "tag_filter": [{"key": "owner", "value": "temp", "condition": "EXCLUDE"}],
    "cloud_watch_logs": [{"enabled": True}],
    "dt_label_enrichment": [{"label": "dt.security_context", "literal": "my-app"}],
    "additional_json": '{"aws": {"ingestPercentileMetrics": true}}',
}


@pytest.fixture
def environment() -> Environment:
    return Environment(Tenant())


@pytest.mark.parametrize("values", [{}, FULL, {"enabled": False, "feature_sets": []}])
async def test_a_configuration_lives(environment: Environment, values: dict[str, Any]) -> None:
    """Created, read without a difference, planned without a change, and deleted together with its connection."""
    config = configured(await environment.connection(), **values)

    state = (await environment.apply(config)).value
    assert await environment.read(state) == state
    following = await environment.plan(config, state)

    assert (following.value, following.diagnostics) == (state, [])
    assert environment.only()["objectId"] == state["id"]
    assert environment.only()["value"]["aws"]["manualDeploymentStatus"] == "COMPLETE"
    destroyed = await environment.plan(None, state)
    assert [warning.summary for warning in destroyed.warnings] == [
        "The connection is deleted with its monitoring configuration"
    ]
    async with environment.provider() as client:
        assert (await client.apply(TYPE, None, destroyed, state)).errors == []
        assert (await client.apply(TYPE, None, destroyed, state)).errors == []  # it is gone: success
    assert environment.far.sandbox.extension.stored() == []


async def test_what_is_not_configured_is_filled_in(environment: Environment) -> None:
    """The active version, the first region, and what Dynatrace makes of no feature sets; known before the apply."""
    config = configured(await environment.connection())

    planned = await environment.plan(config)
    state = (await environment.apply(config)).value

    assert (planned.value["extension_version"], planned.value["deployment_region"]) == ("1.0.7", "us-east-1")
    assert planned.value["feature_sets"] is UNKNOWN
    assert state["feature_sets"] == []


async def test_an_update_keeps_what_it_does_not_know(environment: Environment) -> None:
    """Everything that the server or somebody else added stays; a second apply of the same sends nothing."""
    config = configured(await environment.connection(), **FULL)
    state = (await environment.apply(config)).value
    environment.edit(eventsConfiguration={"enabled": True, "regions": ["us-east-1"]}, automatedDeploymentStatus="X")

    changed = config | {"regions": ["eu-west-1"], "feature_sets": ["RDS_essential"], "enabled": False}
    state = (await environment.apply(changed, await environment.read(state))).value

    value = environment.only()["value"]
    assert value["aws"]["eventsConfiguration"] == {"enabled": True, "regions": ["us-east-1"]}
    assert value["aws"]["automatedDeploymentStatus"] == "X"
    assert (value["aws"]["regionFiltering"], value["featureSets"]) == (["eu-west-1"], ["RDS_essential"])
    assert value["aws"]["cloudWatchLogsConfiguration"] == {"enabled": True, "regions": ["eu-west-1"]}
    assert (value["enabled"], value["aws"]["credentials"][0]["enabled"]) == (False, False)
    assert state["deployment_region"] == "eu-west-1"
    assert await environment.read(state) == state
    puts = len(environment.far.requests("PUT"))
    await environment.apply(changed, state)
    assert len(environment.far.requests("PUT")) == puts


async def test_the_deployment_region_stays_while_it_is_monitored(environment: Environment) -> None:
    """Another order of the regions, or another first one, does not move what is deployed."""
    config = configured(await environment.connection())
    state = (await environment.apply(config)).value

    planned = await environment.plan(config | {"regions": ["eu-west-1", "us-east-1"]}, state)

    assert planned.value["deployment_region"] == "us-east-1"


async def test_a_change_made_elsewhere_is_planned_back(environment: Environment) -> None:
    """Regions, tags, and properties of additional_json; what Dynatrace adds is no change."""
    config = configured(await environment.connection(), **FULL)
    state = (await environment.apply(config)).value
    environment.edit(tagEnrichment=["other"], ingestPercentileMetrics=False, regionFiltering=["eu-west-1"])

    seen = await environment.read(state)
    planned = await environment.plan(config, seen)

    assert {name for name in seen if seen[name] != state[name]} == {"regions", "tag_enrichment", "additional_json"}
    assert planned.value == state
    await environment.apply(config, seen)
    assert await environment.read(state) == state


async def test_a_configuration_that_is_gone_is_created_again(environment: Environment) -> None:
    """Deleted elsewhere: it is no longer in the state."""
    config = configured(await environment.connection())
    state = (await environment.apply(config)).value
    environment.far.sandbox.extension.delete(state["id"])

    assert await environment.read(state) is None


async def test_a_lost_response_creates_no_second_configuration() -> None:
    """The API cannot recognise a repeated request: the configuration is looked for instead."""
    environment = Environment(Tenant(losing("POST")))
    config = configured(await environment.connection())

    state = (await environment.apply(config)).value

    assert environment.only()["objectId"] == state["id"]
    assert len(environment.far.requests("POST", "*/monitoring-configurations")) == 1


async def test_lost_responses_of_changes_are_repeated() -> None:
    """A second PUT or DELETE does the same as the first."""
    environment = Environment(Tenant(losing("PUT", "DELETE")))
    config = configured(await environment.connection())
    state = (await environment.apply(config)).value

    state = (await environment.apply(config | {"name": "other"}, state)).value
    assert environment.only()["value"]["description"] == "other"

    planned = await environment.plan(None, state)
    async with environment.provider() as client:
        assert (await client.apply(TYPE, None, planned, state)).errors == []
    assert environment.far.sandbox.extension.stored() == []


async def test_many_are_read_with_one_list(environment: Environment) -> None:
    """A few are read one by one; more with pages of 500."""
    states = []
    for number in range(6):
        account = f"{number:012}"
        config = configured(await environment.connection(f"account {number}", account), account_id=account)
        states.append((await environment.apply(config)).value)
    before = len(environment.far.requests("GET", "*/monitoring-configurations*"))

    async with environment.provider() as client:
        found = await asyncio.gather(*(client.read(TYPE, state) for state in states))

    assert [one.value for one in found] == states
    assert len(environment.far.requests("GET", "*/monitoring-configurations*")) == before + 1


@pytest.mark.parametrize("by", ["id", "account_id"])
async def test_it_is_imported_by_its_id_or_by_its_account(environment: Environment, by: str) -> None:
    """The next plan is empty."""
    config = configured(await environment.connection(), feature_sets=["EC2_essential"])
    state = (await environment.apply(config)).value

    async with environment.provider() as client:
        imported = await client.import_(TYPE, state[by])
        seen = (await client.read(TYPE, imported.value)).value
        planned = await client.plan(TYPE, config, seen)

    assert (seen, planned.diagnostics) == (state, [])
    assert planned.value == state


@pytest.mark.parametrize("id_", ["", "nothing", "111111111111"])
async def test_an_import_of_what_is_not_there_is_an_error(environment: Environment, id_: str) -> None:
    """The message says what can be passed."""
    async with environment.provider() as client:
        imported = await client.import_(TYPE, id_)

    [error] = imported.errors
    assert error.summary == "Monitoring configuration not found"
    assert "the 12 digits of an AWS account" in error.detail


async def test_an_identity_is_imported_if_the_configuration_exists(environment: Environment) -> None:
    """As `import` blocks of Terraform 1.12 and newer have it. The identity that Terraform keeps is the ID."""
    state = (await environment.apply(configured(await environment.connection()))).value
    async with environment.far.client("platform-token") as client:
        resource = AwsMonitoringConfiguration(
            ProvidersTenant(ENVIRONMENT, client, Credentials(client.credential, client.credential, ""))
        )

        assert await resource.import_identity({"id": state["id"]}) == {"id": state["id"]}
        with pytest.raises(Error, match="Monitoring configuration not found"):
            await resource.import_identity({"id": "nothing"})
    assert AwsMonitoringConfiguration.identity == ("id",)


async def test_an_automated_deployment_reports_its_connection(environment: Environment) -> None:
    """With the placeholder nothing is checked, and what the deployment writes is no change."""
    config = configured("*", deployment_mode="AUTOMATED")
    state = (await environment.apply(config)).value
    connection = await environment.connection()
    credential = {"enabled": True, "description": "d", "connectionId": connection, "accountId": ACCOUNT}
    environment.edit(credentials=[credential], automatedDeploymentStatus="COMPLETE")

    assert await environment.read(state) == state
    await environment.apply(config | {"name": "other"}, state)
    assert environment.only()["value"]["aws"]["credentials"] == [credential]


@pytest.mark.parametrize(
    ("values", "summary", "path"),
    [
        ({"account_id": "12345"}, "Invalid value", "account_id"),
        ({"account_id": "١٢٣٤٥٦٧٨٩٠١٢"}, "Invalid value", "account_id"),
        ({"regions": []}, "Invalid number of elements", "regions"),
        ({"regions": ["us-east-1", "us-east-1"]}, "Duplicate region", "regions[1]"),
        ({"name": ""}, "Invalid length", "name"),
        ({"deployment_mode": "BY_HAND"}, "Invalid value", "deployment_mode"),
        ({"connection_id": "*"}, "No connection", "connection_id"),
        ({"additional_json": '{"enabled": true}'}, "Property with an attribute of its own", "additional_json"),
        ({"dt_label_enrichment": [{"label": "dt.x"}]}, "Invalid combination", "dt_label_enrichment[0]"),
    ],
)
async def test_mistakes_are_found_without_dynatrace(
    environment: Environment, values: dict[str, Any], summary: str, path: str
) -> None:
    """By `terraform validate`."""
    async with environment.provider() as client:
        [error] = (await client.validate(TYPE, configured(**values))).errors

    assert (error.summary, str(error.path)) == (summary, path)


async def test_everything_that_is_wrong_is_reported_at_once(environment: Environment) -> None:
    """Each with its path, and with the nearest value that exists."""
    wrong = configured(
        "nothing",
        regions=["us-east-11", "eu-central-1"],
        feature_sets=["ec2_essentials"],
        cloud_watch_logs=[{"regions": ["nowhere"]}],
    )

    errors = {str(error.path): error for error in (await environment.plan(wrong)).errors}

    assert set(errors) == {"regions[0]", "feature_sets", "cloud_watch_logs[0].regions[0]", "connection_id"}
    assert "Did you mean us-east-1" in errors["regions[0]"].detail
    assert "Did you mean EC2_essential" in errors["feature_sets"].detail
    assert "Did you mean" not in errors["cloud_watch_logs[0].regions[0]"].detail
    assert "has no AWS connection with the ID" in errors["connection_id"].detail


async def test_a_version_must_be_installed(environment: Environment) -> None:
    """And must have the feature sets."""
    connection = await environment.connection()

    [error] = (await environment.plan(configured(connection, extension_version="2.0.0"))).errors
    assert (error.summary, str(error.path)) == ("Version not installed", "extension_version")
    assert "Installed: 1.0.7, 1.0.0." in error.detail

    old = configured(connection, extension_version="1.0.0", feature_sets=["EC2_autodiscovery"])
    [error] = (await environment.plan(old)).errors
    assert (error.summary, str(error.path)) == ("Unknown feature set", "feature_sets")


async def test_the_extension_must_be_installed() -> None:
    """The plan says how, and an apply that comes too early says it, too."""
    environment = Environment(Tenant(options=Options(extension=False)))
    config = configured(await environment.connection())

    [error] = (await environment.plan(config)).errors

    assert error.summary == "Extension not installed"
    assert "/platform/extensions/v2/extensions/com.dynatrace.extension.da-aws" in error.detail


async def test_an_account_is_monitored_once(environment: Environment) -> None:
    """By a configuration outside of Terraform, or by another one of the same plan."""
    config = configured(await environment.connection())
    await environment.apply(config)
    object_id = environment.only()["objectId"]

    [error] = (await environment.plan(config)).errors
    assert (error.summary, str(error.path)) == ("The account is monitored already", "account_id")
    assert f'id = "{object_id}"' in error.detail
    assert "to = dynatrace_aws_monitoring_configuration.NAME" in error.detail

    other = configured(await environment.connection("other", "1" * 12), account_id="1" * 12)
    async with environment.provider() as client:
        assert (await client.plan(TYPE, other)).errors == []
        assert [found.summary for found in (await client.plan(TYPE, other)).errors] == [
            "Two monitoring configurations for one account"
        ]


async def test_a_configuration_in_an_unknown_form_costs_itself(environment: Environment) -> None:
    """It is somebody else's: other accounts can be planned and imported, and the plan says what it could not read."""
    await environment.apply(configured(await environment.connection()))
    [stored] = environment.far.sandbox.extension.stored()
    stored.value["aws"]["regionFiltering"] = "all of them"
    other = "210987654321"
    connection = await environment.connection("other", other)

    planned = await environment.plan(configured(connection, account_id=other))
    async with environment.provider() as client:
        imported = await client.import_(TYPE, other)

    assert planned.errors == []
    assert [warning.summary for warning in planned.warnings] == ["A monitoring configuration was left out"]
    assert "$.aws.regionFiltering" in planned.warnings[0].detail
    assert [error.summary for error in imported.errors] == ["Monitoring configuration not found"]


@pytest.mark.parametrize("text", ["", "[1]", '{"deep": ' + "[" * 600 + "]" * 600 + "}", '{"enabled": true}'])
async def test_additions_in_a_state_that_cannot_be_from_here_are_left_out(environment: Environment, text: str) -> None:
    """The next plan shows them as a change."""
    applied = await environment.apply(configured(await environment.connection()))

    async with environment.provider() as client:
        upgraded = await client.upgrade(TYPE, 0, applied.value | {"additional_json": text})
        seen = await client.read(TYPE, upgraded.value)

    assert (upgraded.errors, seen.errors, seen.value["additional_json"]) == ([], [], None)


@pytest.mark.parametrize("type_name", [TYPE, "dynatrace_settings_owner"])
async def test_a_state_without_an_id_is_refused(environment: Environment, type_name: str) -> None:
    """Nothing could be read with it."""
    async with environment.provider() as client:
        upgraded = await client.upgrade(type_name, 0, {"id": None})

    assert [error.summary for error in upgraded.errors] == ["The state has no ID"]


async def test_an_account_that_this_run_may_free_is_only_warned_of(environment: Environment) -> None:
    """A resource whose address changed: it is in the state, under another name."""
    config = configured(await environment.connection())
    state = (await environment.apply(config)).value

    async with environment.provider() as client:
        await client.plan(TYPE, None, state)
        planned = await client.plan(TYPE, config)

    assert planned.errors == []
    assert [warning.summary for warning in planned.warnings] == ["The account is still monitored"]


async def test_a_connection_needs_a_role_arn_of_the_account(environment: Environment) -> None:
    """None at all, or the role of another account."""
    without = await environment.connection("without", role=False)
    [error] = (await environment.plan(configured(without))).errors
    assert (error.summary, str(error.path)) == ("The connection has no role ARN", "connection_id")

    other = await environment.connection("other", "1" * 12)
    [error] = (await environment.plan(configured(other))).errors
    assert (error.summary, str(error.path)) == ("Account of another connection", "account_id")
    assert f"got {ACCOUNT} instead of {'1' * 12}" in error.detail


async def test_a_role_arn_of_the_same_plan_counts(environment: Environment) -> None:
    """The resource that sets it was planned before: its account is checked instead."""
    without = await environment.connection("without", role=False)
    role_arn = {"aws_connection_id": without, "role_arn": f"arn:aws:iam::{ACCOUNT}:role/r"}

    async with environment.provider() as client:
        assert (await client.plan("dynatrace_aws_connection_role_arn", role_arn)).errors == []
        assert (await client.plan(TYPE, configured(without))).errors == []
        [error] = (await client.plan(TYPE, configured(without, account_id="1" * 12))).errors

    assert error.summary == "Account of another connection"


async def test_what_is_not_known_yet_is_checked_during_the_apply(environment: Environment) -> None:
    """A connection that is created in the same run."""
    planned = await environment.plan(configured(UNKNOWN, regions=UNKNOWN, account_id=UNKNOWN))
    assert planned.errors == []

    other = await environment.connection("other", "1" * 12)
    async with environment.provider() as client:
        config = configured(other)
        planned = await client.plan(TYPE, configured(UNKNOWN))
        planned.value["connection_id"] = other
        applied = await client.apply(TYPE, config, planned)

    assert [error.summary for error in applied.errors] == ["Account of another connection"]
    assert environment.far.sandbox.extension.stored() == []


async def test_what_dynatrace_rejects_is_shown_at_its_attribute(environment: Environment) -> None:
    """Values that were unknown during the plan, so that only the apply could find them."""
    config = configured(await environment.connection(), regions=["us-east-9"], feature_sets=["nothing"])

    async with environment.provider() as client:
        planned = await client.plan(TYPE, config | {"regions": UNKNOWN, "feature_sets": UNKNOWN})
        planned.value["regions"], planned.value["feature_sets"] = config["regions"], config["feature_sets"]
        applied = await client.apply(TYPE, config, planned)

    assert planned.errors == []
    assert {str(error.path) for error in applied.errors} == {"regions", "feature_sets", "deployment_region"}
    assert all("Unknown enum value" in error.detail for error in applied.errors)


async def test_api_tokens_are_not_enough(environment: Environment) -> None:
    """The plan says so, and names what is needed."""
    [error] = (await environment.plan(configured(await environment.connection()), credential="api-token")).errors

    assert error.summary == "Monitoring configurations require platform credentials"
    assert "extensions:configurations:write" in error.detail


@pytest.mark.parametrize(
    ("credential", "scope"),
    [
        ("settings-only-platform-token", "extensions:definitions:read"),
        ("settings-only-oauth", "extensions:definitions:read"),
        ("read-only-oauth", "extensions:configurations:write"),
    ],
)
async def test_a_missing_scope_is_named(environment: Environment, credential: str, scope: str) -> None:
    """What an OAuth client may not write is known from its login."""
    config = configured(await environment.connection())

    errors = (await environment.plan(config, credential=credential)).errors

    assert any(scope in error.detail for error in errors), errors


async def test_a_state_of_the_official_provider_shows_no_change(environment: Environment) -> None:
    """Its pull request has the same attributes, without ours; absent blocks are null. The mode differs by default."""
    config = configured(await environment.connection(), feature_sets=["EC2_essential"], deployment_mode="AUTOMATED")
    state = (await environment.apply(config)).value
    theirs = {name: value or None for name, value in state.items() if name not in ("additional_json", "timeouts")}

    async with environment.provider() as client:
        upgraded = await client.upgrade(TYPE, 0, theirs | {"enabled": True, "smartscape_enabled": True})
        seen = await client.read(TYPE, upgraded.value)
        planned = await client.plan(TYPE, config, seen.value)

    assert (upgraded.errors, seen.errors, planned.diagnostics) == ([], [], [])
    assert planned.value == seen.value == state


async def test_a_replacement_warns_that_the_connection_is_deleted(environment: Environment) -> None:
    """Terraform plans it twice, and shows the first; with a new connection there is nothing to warn of."""
    config = configured(await environment.connection())
    state = (await environment.apply(config)).value
    other_scope = config | {"scope": "another"}

    async with environment.provider() as client:
        first = await client.plan(TYPE, other_scope, state)
        second = await client.plan(TYPE, other_scope, private=first.private)
        together = await client.plan(TYPE, other_scope | {"connection_id": UNKNOWN}, private=first.private)

    assert [str(path) for path in first.requires_replace] == ["scope"]
    [warning] = first.diagnostics
    assert warning.summary == "Replacing a monitoring configuration deletes its connection"
    assert "-replace=dynatrace_aws_connection.NAME" in warning.detail
    assert (second.diagnostics, together.diagnostics) == ([], [])


async def test_a_forced_replacement_says_it_during_the_apply(environment: Environment) -> None:
    """With `-replace`, the first plan cannot know. During the apply, Terraform plans again, without private data."""
    config = configured(await environment.connection())
    state = (await environment.apply(config)).value

    async with environment.provider() as client:
        first = await client.plan(TYPE, config, state)
    async with environment.provider() as client:
        await client.apply(TYPE, None, await client.plan(TYPE, None, state), state)
        planned = await client.plan(TYPE, config)
        applied = await client.apply(TYPE, config, planned)

    assert (first.diagnostics, planned.diagnostics) == ([], [])
    assert [warning.summary for warning in applied.warnings] == [
        "Replacing a monitoring configuration deletes its connection"
    ]


async def test_a_replacement_whose_connection_is_gone_says_what_to_do(environment: Environment) -> None:
    """Dynatrace has deleted the connection before the new configuration is planned again."""
    environment.far.sandbox.configure({"connection_deletion": 0})
    connection = await environment.connection()
    config = configured(connection)
    state = (await environment.apply(config)).value

    async with environment.provider() as client:
        await client.apply(TYPE, None, await client.plan(TYPE, None, state), state)
        [error] = (await client.plan(TYPE, config)).errors
    async with environment.provider() as client:
        [later] = (await client.plan(TYPE, config)).errors

    assert error.summary == "The connection was deleted with the replaced configuration"
    assert f"{state['id']} was deleted, and Dynatrace then also deleted its connection {connection}" in error.detail
    assert later.summary == "AWS connection not found"
