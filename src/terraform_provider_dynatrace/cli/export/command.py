"""The command `-export`: reads the environment, decides what to write, writes it, and runs Terraform."""

from __future__ import annotations

import asyncio
import logging
import shlex
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import msgspec.structs

from terraform_plugin import Error
from terraform_plugin.output import Output, logging_to
from terraform_provider_dynatrace.cli.export import folder as target
from terraform_provider_dynatrace.cli.export import manifest
from terraform_provider_dynatrace.cli.export.fetch import fetch
from terraform_provider_dynatrace.cli.export.layout import IMPORTS, Layout
from terraform_provider_dynatrace.cli.export.options import Options, parse
from terraform_provider_dynatrace.cli.export.resources import TYPES, short
from terraform_provider_dynatrace.cli.export.selection import Contents, not_found, select
from terraform_provider_dynatrace.cli.export.source_environment import (
    environ_for_export,
    settings_for_export,
    source_settings,
)
from terraform_provider_dynatrace.cli.export.summary import Summary
from terraform_provider_dynatrace.cli.export.terraform import Terraform, find_binary
from terraform_provider_dynatrace.cli.progress import Reporter, reporter
from terraform_provider_dynatrace.config.arguments import DT_ENV_URL
from terraform_provider_dynatrace.config.connect import connect
from terraform_provider_dynatrace.config.tenant import Tenant


def run(words: Sequence[str], environ: Mapping[str, str], output: Output, errors: Output) -> int:
    """Export as the words after `-export` say. Return 0, or 1 if an object that was named by its ID does not exist.

    The summary is written to `output`, the progress to `errors`. Raises `Error`.
    """
    options = parse(words, environ)
    if DT_ENV_URL.name in source_settings(environ):
        options = msgspec.structs.replace(options, notes=(*options.notes, _FROM_SOURCE))
    report = reporter(errors)
    with _requests_logged_to(errors) if options.verbose else nullcontext():
        summary = asyncio.run(_connected(options, environ, report))
    output.write(summary.text())
    if summary.files is not None and summary.exported:
        _run_terraform(options, report, output, environ_for_export(environ))
    return 1 if not_found(summary.exported, options.selection) else 0


_FROM_SOURCE = (
    f"The import blocks are for the source environment. To create the resources in another one, first delete {IMPORTS}."
)


async def _connected(options: Options, environ: Mapping[str, str], report: Reporter) -> Summary:
    tenant = connect(settings_for_export(environ), environ)
    async with tenant.client:
        return await export(options, tenant, report)


async def export(options: Options, tenant: Tenant, report: Reporter) -> Summary:
    """Export and return the summary. Raises `Error`; the files that were written until then are complete."""
    earlier = manifest.load(options.folder)
    instances, unreadable = await fetch(tenant, options.selection, report)
    contents = select(instances, options, earlier)
    left_out = [*unreadable, *not_found(instances, options.selection)]
    files = None if options.preview else _write(options, contents, report)
    return Summary(options, tenant.environment.url, contents.exported, contents.names, left_out, files)


def _write(options: Options, contents: Contents, report: Reporter) -> target.Changes:
    layout = Layout(
        options.source,
        flat=options.flat,
        references=options.references,
        ids=options.ids,
        data_sources=options.data_sources,
    )
    planned = target.changes(
        layout.files(contents.exported, contents.names, contents.resources),
        target.read(options.folder),
        contents.is_obsolete(layout),
        overwrite=options.overwrite,
        is_resource=lambda path: path.endswith(tuple(f".{short(type_name)}.tf" for type_name in TYPES)),
    )
    with report.step("Writing files", len(planned.written) + len(planned.removed)) as step:
        target.apply(options.folder, planned, step.advance)
    manifest.save(options.folder, manifest.Manifest(contents.resources, options.flat, options.references))
    return planned


def _run_terraform(options: Options, report: Reporter, output: Output, environ: Mapping[str, str]) -> None:
    """Run `terraform init` and the import, as far as the options say, and write the next step."""
    binary = find_binary(environ)
    if binary is None and options.import_state:
        raise Error("Terraform not found", "-import-state runs terraform or tofu. Add one of them to the PATH.")
    if binary is not None and options.init:
        with report.step("Running terraform init"):
            Terraform(options.folder, binary, environ).init()
    if binary is not None and options.import_state:
        with report.step("Planning and applying the imports"):
            count = Terraform(options.folder, binary, environ).import_state()
        output.write(f"Imported into the state: {count}.\n")
        return
    init = "" if binary is not None and options.init else "terraform init && "
    folder = str(options.folder)
    shown = f"./{folder}" if folder.startswith("-") else folder  # which `cd` would take for a flag
    output.write(f"Next: cd {shlex.quote(shown)} && {init}terraform plan\n")


def _requests_logged_to(errors: Output) -> AbstractContextManager[None]:
    handler = logging.StreamHandler(errors)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    return logging_to("terraform_provider_dynatrace", handler, logging.DEBUG)
