"""The command `-export`: read, decide, write, and let Terraform look at it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import TextIO

from terraform_plugin import Error
from terraform_plugin.masking import masked, safe_text
from terraform_provider_dynatrace.cli.export import folder as target
from terraform_provider_dynatrace.cli.export import manifest as memory
from terraform_provider_dynatrace.cli.export.fetch import find
from terraform_provider_dynatrace.cli.export.layout import Layout
from terraform_provider_dynatrace.cli.export.options import Options, parse, usage
from terraform_provider_dynatrace.cli.export.progress import Reporter, reporter
from terraform_provider_dynatrace.cli.export.selection import Chosen, choose, not_found
from terraform_provider_dynatrace.cli.export.summary import Outcome
from terraform_provider_dynatrace.cli.export.terraform import Terraform, find_binary
from terraform_provider_dynatrace.config.arguments import read_settings
from terraform_provider_dynatrace.config.connect import connect
from terraform_provider_dynatrace.config.tenant import Tenant

_HELP = {"-h", "-help", "--help"}


def run(arguments: Sequence[str], environment: Mapping[str, str], output: TextIO, progress: TextIO) -> int:
    """Do what the words after `-export` say. Return 0, or 1 where something asked for by its id is not there.

    The summary goes to `output`, how far it is to `progress`. Raises `Error`.
    """
    if not _HELP.isdisjoint(arguments):
        output.write(usage())
        return 0
    options = parse(arguments, environment)
    if options.verbose:
        _log_to(progress)
    report = reporter(progress)
    outcome = asyncio.run(_connected(options, environment, report))
    output.write(safe_text(outcome.text(), longest=1_000_000))
    if outcome.files is not None and outcome.exported:
        _terraform(options, report, output, environment)
    return 1 if not_found(outcome.exported, options.selection) else 0


async def _connected(options: Options, environment: Mapping[str, str], report: Reporter) -> Outcome:
    tenant = connect(read_settings({}, environment), environment)
    async with tenant.client:
        return await export(options, tenant, report)


async def export(options: Options, tenant: Tenant, report: Reporter) -> Outcome:
    """Export and return what came of it. Raises `Error`; what is written until then is whole files."""
    remembered = memory.load(options.folder)
    found, unreadable = await find(tenant, options.selection, report)
    chosen = choose(found, options, remembered)
    left_out = [*unreadable, *not_found(found, options.selection)]
    files = None if options.preview else _write(options, chosen, report)
    return Outcome(options, tenant.environment.url, chosen.exported, chosen.names, left_out, files)


def _write(options: Options, chosen: Chosen, report: Reporter) -> target.Changes:
    layout = Layout(
        options.source,
        flat=options.flat,
        references=options.references,
        ids=options.ids,
        data_sources=options.data_sources,
    )
    files = layout.files(chosen.exported, chosen.names, chosen.resources)
    present = target.read(options.folder)
    planned = target.changes(files, present, chosen.may_go(layout), overwrite=options.overwrite)
    with report.step("Writing files", len(planned.written) + len(planned.removed)) as step:
        target.apply(options.folder, planned, step.advance)
    memory.save(options.folder, memory.Memory(chosen.resources, options.flat, options.references))
    return planned


def _terraform(options: Options, report: Reporter, output: TextIO, environment: Mapping[str, str]) -> None:
    """Run what is wanted of Terraform, and say what to do next."""
    binary = find_binary(environment)
    if binary is None and options.import_state:
        raise Error("Terraform was not found", "-import-state runs terraform (or tofu): put it on the PATH.")
    if binary is not None and options.init:
        with report.step("Running terraform init"):
            Terraform(options.folder, binary, environment).init()
    if binary is not None and options.import_state:
        with report.step("Planning and applying the imports"):
            count = Terraform(options.folder, binary, environment).import_state()
        output.write(f"Imported into the state: {count}.\n")
        return
    init = "" if binary is not None and options.init else "terraform init && "
    output.write(f"Next: cd {options.folder} && {init}terraform plan\n")


class _Masked(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def _log_to(output: TextIO) -> None:
    handler = logging.StreamHandler(output)
    handler.setFormatter(_Masked("%(levelname)s %(message)s"))
    logger = logging.getLogger("terraform_provider_dynatrace")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
