"""What a hostile server can make of the provider's memory: the process runs with a limit of its address space."""

import json
import sys
from pathlib import Path

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing.client_certificate import new_client_certificate
from terraform_provider_dynatrace.provider import DynatraceProvider
from tests.terraform_plugin.started import Started

KILOBYTES = 100 << 10
VIOLATIONS = [{"path": "name", "message": "x" * 20}] * 14_000
CONFIG = {"name": "production", "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}


async def test_a_plan_that_is_refused_for_14000_reasons_needs_less_than_100_mb(
    sandbox: RunningSandbox, tmp_path: Path
) -> None:
    """The user reads 20 of them. Each of them used to be listed in each error: gigabytes of text."""
    error = {"error": {"code": 400, "message": "refused", "constraintViolations": VIOLATIONS}}
    sandbox.fault("respond", "POST", "*/settings/objects", status=400, body=json.dumps(error), times=None)
    provider = Started(
        client=new_client_certificate(),
        folder=tmp_path,
        command=("sh", "-c", f"ulimit -v {KILOBYTES}; exec {sys.executable} -m terraform_provider_dynatrace"),
        provider=DynatraceProvider({}),
        **sandbox.environ(),
    )

    async with provider.connected() as client:
        assert (await client.configure({})).diagnostics == []
        planned = await client.plan("dynatrace_aws_connection", CONFIG)
    provider.process.terminate()
    code, _, _ = provider.end()

    assert [error.summary for error in planned.errors] == ["Dynatrace rejected the request"] * 20
    assert code == 0
