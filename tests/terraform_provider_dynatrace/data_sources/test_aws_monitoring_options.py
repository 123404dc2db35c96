"""What can be monitored, as the data source returns it."""

from dynatrace_sandbox.sandbox import Options
from tests.terraform_provider_dynatrace.in_process import Tenant
from tests.terraform_provider_dynatrace.monitored import Environment

TYPE = "dynatrace_aws_monitoring_options"


async def test_versions_regions_and_feature_sets_are_listed() -> None:
    """Of the active version, or of the one that is asked for."""
    async with Environment(Tenant()).provider() as client:
        found = (await client.read_data_source(TYPE, {})).value
        older = (await client.read_data_source(TYPE, {"extension_version": "1.0.0"})).value

    assert (found["installed_versions"], found["active_version"]) == (["1.0.7", "1.0.0"], "1.0.7")
    assert (found["extension_version"], older["extension_version"]) == ("1.0.7", "1.0.0")
    assert found["regions"] == sorted(found["regions"])
    assert set(older["feature_sets"]) < set(found["feature_sets"])


async def test_a_version_must_be_installed() -> None:
    """The message lists those that are."""
    async with Environment(Tenant()).provider() as client:
        [error] = (await client.read_data_source(TYPE, {"extension_version": "3"})).errors

    assert (error.summary, str(error.path)) == ("Version not installed", "extension_version")


async def test_the_extension_must_be_installed() -> None:
    """The message says how."""
    async with Environment(Tenant(options=Options(extension=False))).provider() as client:
        [error] = (await client.read_data_source(TYPE, {})).errors

    assert error.summary == "Extension not installed"
