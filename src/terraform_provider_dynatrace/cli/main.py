"""What a person can ask of `terraform-provider-dynatrace`. Imported only then."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.command import add_commands
from terraform_plugin.install.mirror import module_command
from terraform_plugin.install.package import this_package
from terraform_plugin.masking import safe_text
from terraform_provider_dynatrace import SOURCE, __version__


def run(arguments: Sequence[str]) -> int:
    """Do what the arguments say and return the exit status: 0 done, 1 failed, 2 not understood, 130 interrupted."""
    try:
        with _termination_as_interrupt():
            return _run(arguments)
    except Error as error:
        sys.stderr.write(safe_text(f"Error: {error.summary}\n\n{error.detail}\n"))
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does: what is held open is closed, and temporary files are removed."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(arguments: Sequence[str]) -> int:
    if arguments[:1] in (["-export"], ["--export"]):
        from terraform_provider_dynatrace.cli.export.command import run as export  # noqa: PLC0415  # HTTP

        return export(arguments[1:], os.environ, sys.stdout, sys.stderr)
    options = _parser().parse_args(arguments)
    status: int = options.run(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="terraform-provider-dynatrace",
        description="A Terraform provider for Dynatrace's AWS connections. Terraform starts it by itself; a person "
        "installs it with the commands below.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--debug", action="store_true", help="serve until interrupted, for TF_REATTACH_PROVIDERS")
    parser.add_argument(
        "-export",
        "--export",
        action="store_true",
        help="write what is in an environment as configuration; -export -help",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_commands(
        commands, SOURCE, __version__, lambda: this_package() or module_command("terraform_provider_dynatrace")
    )
    _add_doctor(commands.add_parser("doctor", help="find out why Dynatrace cannot use a connection"))
    return parser


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    patients = parser.add_subparsers(required=True, metavar="WHAT")
    aws = patients.add_parser(
        "aws",
        help="the role of an AWS connection",
        description="Reads the role and the OIDC provider with your AWS credentials, and lists what keeps Dynatrace "
        "from assuming the role. Dynatrace is found by the provider's environment variables (DYNATRACE_ENV_URL ...). "
        "The exit status is 1 when a check failed.",
    )
    aws.add_argument("connection", metavar="CONNECTION", help="the connection's name or id")
    aws.add_argument("--role-arn", metavar="ARN", help="the role (default: the one that the connection has)")
    aws.set_defaults(run=_doctor_aws)


def _doctor_aws(options: argparse.Namespace) -> int:
    from terraform_provider_dynatrace.cli.doctor.command import run as examine  # noqa: PLC0415  # HTTP, rich

    return examine(options)
