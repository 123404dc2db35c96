"""Call a function of the provider as Terraform does: in a process that is not configured."""

from __future__ import annotations

from terraform_plugin import Value
from terraform_plugin.testing import Response, in_process
from terraform_provider_dynatrace.provider import DynatraceProvider

TENANT_URLS = [
    "abc12345.apps.dynatrace.com",
    "abc12345.live.dynatrace.com",
    "ABC12345.Live.Dynatrace.com",
    "https://abc12345.apps.dynatrace.com",
    "https://abc12345.live.dynatrace.com/",
    "https://abc12345.apps.dynatrace.com/ui/apps/dynatrace.hub",
    " https://abc12345.live.dynatrace.com/api/v2 ",
]
"""One tenant, as people copy it."""

NO_TENANT_URLS = ["", "abc12345", "https://", "https://abc12345", "ftp://abc12345.live.dynatrace.com", "a b"]


async def call(name: str, *arguments: Value) -> Response:
    """Return what `provider::dynatrace::name(...)` gives."""
    async with in_process(DynatraceProvider()) as client:
        return await client.call_function(name, *arguments)


def complaint(answer: Response) -> tuple[str, str]:
    """Return the text of the one error and the argument that it is about."""
    [error] = answer.errors
    return error.summary, str(error.path)
