"""A pretend tenant that holds what a test says, even what no tenant of today holds, and exports of it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dynatrace_sandbox.tenant.objects import SettingsObject as SandboxObject
from terraform_plugin.command_line import two_dashes
from terraform_plugin.output import Output
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from terraform_provider_dynatrace.cli.export.command import export
from terraform_provider_dynatrace.cli.export.instances import Instance, instance_of
from terraform_provider_dynatrace.cli.export.options import parse
from terraform_provider_dynatrace.cli.export.resources import connection_resources
from terraform_provider_dynatrace.cli.export.summary import Summary
from terraform_provider_dynatrace.cli.progress import Lines
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant as OurTenant
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection
from terraform_provider_dynatrace.resources.aws_connection_role_arn import AwsConnectionRoleArn
from terraform_provider_dynatrace.resources.settings_permissions import SettingsPermissions
from terraform_provider_dynatrace.settings.model import SettingsObject
from tests.terraform_provider_dynatrace.in_process import ENVIRONMENT, Tenant

CONNECTION = AwsConnection.type_name
ROLE_ARN = AwsConnectionRoleArn.type_name
PERMISSIONS = SettingsPermissions.type_name
ROLE = "arn:aws:iam::123456789012:role/dynatrace"


def web_identity(name: str, role_arn: str = ROLE, *consumers: str) -> dict[str, Any]:
    details = {"consumers": [*(consumers or ("APP:dynatrace.aws.connector",))], "roleArn": role_arn}
    return {"name": name, "type": "awsWebIdentity", "awsWebIdentity": details}


def put(
    tenant: Tenant,
    object_id: str,
    value: dict[str, Any],
    owner: str | None = None,
    accessors: Mapping[tuple[str, str], tuple[str, ...]] = {},
) -> None:
    """Let an object have this value, with nobody asking whether it may."""
    tenant.sandbox.environment.store.put(
        SandboxObject(
            id=object_id,
            schema_id=SCHEMA_ID,
            schema_version="0.0.26",
            scope="environment",
            value=value,
            sequence=0,
            owner=("user", owner) if owner else None,
            accessors=dict(accessors),
            author="somebody",
            created=0,
            modified=0,
            created_by="somebody",
            modified_by="somebody",
        )
    )


def fill(tenant: Tenant, values: Iterable[dict[str, Any]]) -> None:
    """Let there be an object for each value: object-0000, object-0001, …"""
    for number, value in enumerate(values):
        put(tenant, f"object-{number:04}", value)


async def run(
    tenant: Tenant, folder: Path, *arguments: str, credential: str = "api-token", admin_access: bool = False
) -> Summary:
    """Export into the folder."""
    async with tenant.client(credential) as client:
        platform = None if credential.endswith("api-token") else tenant.credential(credential)
        credentials = Credentials(client.credential, platform, "")
        ours = OurTenant(ENVIRONMENT, client, credentials, admin_access=admin_access)
        options = parse(two_dashes(arguments), {"DYNATRACE_TARGET_FOLDER": str(folder)})
        return await export(options, ours, Lines(Output(io.StringIO())))


def files(folder: Path) -> dict[str, str]:
    """Return every file below the folder with its content."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def instances(connection: SettingsObject) -> list[Instance]:
    """Return the resources that an export makes of an AWS connection."""
    resources = connection_resources()[SCHEMA_ID]
    return [instance for resource in resources if (instance := instance_of(resource, connection))]
