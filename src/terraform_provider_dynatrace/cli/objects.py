"""Reads all settings objects of a schema for a command, and shows the progress."""

from __future__ import annotations

from terraform_provider_dynatrace.cli.progress import Step
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.settings.model import SettingsObject


async def all_objects(tenant: Tenant, schema_id: str, step: Step) -> tuple[list[SettingsObject], list[str]]:
    """Return the objects that the credential may read, and a sentence about each that cannot be read."""
    objects: list[SettingsObject] = []
    unreadable: list[str] = []
    async for page in tenant.settings(schema_id).api.pages():
        objects += page.objects
        unreadable += page.unreadable
        step.advance(len(page.objects), page.total)
    return objects, unreadable
