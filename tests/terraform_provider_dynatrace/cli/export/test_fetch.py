"""What an export reads of an environment."""

from __future__ import annotations

import io

from terraform_plugin.output import Output
from terraform_provider_dynatrace.cli.export.fetch import fetch
from terraform_provider_dynatrace.cli.export.options import selection
from terraform_provider_dynatrace.cli.progress import Lines
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from tests.terraform_provider_dynatrace.cli.export.exporting import CONNECTION, web_identity
from tests.terraform_provider_dynatrace.far_end import ENVIRONMENT, FarEnd, client_of, json


async def test_an_object_that_cannot_be_read_is_named_and_the_others_are_exported() -> None:
    """One without a value, for example."""
    items = [{"objectId": "odd"}, {"objectId": "fine", "value": web_identity("production", "")}]

    async with client_of(FarEnd(json({"items": items, "totalCount": 2}))) as client:
        tenant = Tenant(ENVIRONMENT, client, Credentials(client.credential, None, ""))
        instances, unread = await fetch(tenant, selection([CONNECTION]), Lines(Output(io.StringIO())))

    assert [instance.id for instance in instances] == ["fine"]
    [sentence] = unread
    assert sentence.startswith(f"{CONNECTION}: ")
