"""Monitoring configurations in an export."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terraform_provider_dynatrace.in_process import Tenant
from tests.terraform_provider_dynatrace.monitored import TYPE, Environment, configured

from .exporting import files, run

FILE = "production.aws_monitoring_configuration.tf"


@pytest.fixture
async def environment() -> Environment:
    """A configuration whose name is not that of its connection."""
    environment = Environment(Tenant())
    connection = await environment.connection("the connection")
    await environment.apply(configured(connection, feature_sets=["EC2_essential"], cloud_watch_logs=[{}]))
    return environment


async def test_it_refers_to_its_connection(environment: Environment, tmp_path: Path) -> None:
    """The connection is exported, too. The version is left to Dynatrace."""
    await run(environment.far, tmp_path, "-flat", "-ref", TYPE, credential="platform-token")

    text = " ".join(files(tmp_path)[FILE].split())
    assert "connection_id = dynatrace_aws_connection.the_connection.id" in text
    assert 'account_id = "123456789012"' in text
    assert "extension_version" not in text
    assert "the_connection.aws_connection.tf" in files(tmp_path)


async def test_a_data_source_finds_the_connection_by_its_own_name(environment: Environment, tmp_path: Path) -> None:
    """Not by that of the configuration."""
    await run(environment.far, tmp_path, "-flat", "-datasources", TYPE, credential="platform-token")

    assert 'name = "the connection"' in files(tmp_path)["production.aws_connection.data.tf"]


async def test_what_it_cannot_express_is_noted(environment: Environment, tmp_path: Path) -> None:
    """Properties without an attribute; what a deployment writes is none of them."""
    environment.edit(ingestPercentileMetrics=True, automatedDeploymentTemplateVersion="2")

    await run(environment.far, tmp_path, "-flat", TYPE, credential="platform-token")

    assert (
        "Note: The value also has the properties ingestPercentileMetrics, which additional_json can contain."
        in (files(tmp_path)[FILE])
    )


@pytest.mark.parametrize("credential", ["api-token", "settings-only-platform-token"])
async def test_what_may_not_be_read_is_left_out(environment: Environment, tmp_path: Path, credential: str) -> None:
    """The summary says why; everything else is exported."""
    summary = await run(environment.far, tmp_path, "-flat", credential=credential)

    assert f"  {TYPE}: " in summary.text()
    assert FILE not in files(tmp_path)


async def test_other_types_need_no_request(environment: Environment, tmp_path: Path) -> None:
    """Only what is asked for is read."""
    before = len(environment.far.requests("GET", "/platform/extensions/*"))

    await run(environment.far, tmp_path, "dynatrace_aws_connection", credential="platform-token")

    assert len(environment.far.requests("GET", "/platform/extensions/*")) == before
