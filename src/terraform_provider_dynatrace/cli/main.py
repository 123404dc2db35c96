"""The commands that a person runs: install, doctor, -export. Imported only for them."""

from __future__ import annotations

import argparse
import logging
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from terraform_plugin.command_line import EXIT_STATUS, Parser, exit_status, two_dashes
from terraform_plugin.install.command import add_commands
from terraform_plugin.install.mirror import module_command
from terraform_plugin.install.package import this_package
from terraform_plugin.log import LineHandler, level_of
from terraform_plugin.output import Output, logging_to, standard_streams
from terraform_provider_dynatrace import SOURCE, __version__

logger = logging.getLogger(__name__)
PACKAGE = "terraform_provider_dynatrace"


def run(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Run a command and return the exit status.

    0: done. 1: failed. 2: `doctor` could not check everything. 64: the command line is not understood. 130:
    interrupted.
    """
    with (
        standard_streams() as (output, errors),
        logging_to(PACKAGE, _json_lines(errors), level_of("dynatrace", environ)),
        _sigterm_as_interrupt(),
    ):
        try:
            return exit_status(lambda: _run(two_dashes(arguments), environ, output, errors), errors)
        except Exception as failure:
            logger.exception("the command failed unexpectedly")
            errors.write(_UNEXPECTED.format(name=type(failure).__name__, failure=failure))
            return 1


def _json_lines(errors: Output) -> LineHandler:
    return LineHandler(errors)  # type: ignore[arg-type]  # it only writes


_UNEXPECTED = """\
Error: The command failed unexpectedly

{name}: {failure}

This is a bug in the provider. Please report it with the traceback, which the same command logs with TF_LOG=error.
"""


@contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that connections are closed and temporary files removed."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(words: Sequence[str], environ: Mapping[str, str], output: Output, errors: Output) -> int:
    # People also type these without dashes.
    command, rest = (words[0].removeprefix("--"), words[1:]) if words else ("", [])
    if command == "export":
        from terraform_provider_dynatrace.cli.export.command import run as export  # noqa: PLC0415  # HTTP

        return export(rest, environ, output, errors)
    if command in ("help", "version"):
        words = [f"--{command}"]
    options = _parser(environ, output, errors).parse_args(words)
    status: int = options.run(options)
    return status


def _parser(environ: Mapping[str, str], output: Output, errors: Output) -> argparse.ArgumentParser:
    parser = Parser(
        prog="terraform-provider-dynatrace",
        description="A Terraform provider for Dynatrace's AWS connections. Terraform starts it by itself. People use "
        "the commands below.",
        epilog=EXIT_STATUS,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__, help="print the version")
    parser.add_argument("--debug", action="store_true", help="serve until Ctrl-C, for use with TF_REATTACH_PROVIDERS")
    parser.add_argument(
        "-export",
        "--export",
        action="store_true",
        help="write the objects of an environment as Terraform configuration; see -export -help",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    program = lambda: this_package() or module_command(PACKAGE)  # noqa: E731  # only where needed
    add_commands(commands, SOURCE, __version__, program, environ)
    doctor = commands.add_parser("doctor", help="find out why Dynatrace cannot use a connection")
    doctor.set_defaults(run=lambda options: _doctor(options, environ, output, errors))
    _add_doctor(doctor)
    return parser


def _doctor(options: argparse.Namespace, environ: Mapping[str, str], output: Output, errors: Output) -> int:
    if problem := _doctor_problem(options):
        options.usage_error(problem)
    from terraform_provider_dynatrace.cli.doctor.command import run as doctor  # noqa: PLC0415  # HTTP, rich

    return doctor(options, environ, output, errors)


def _doctor_problem(options: argparse.Namespace) -> str:
    """Return why the arguments cannot be combined, empty if they can."""
    if options.all and options.connection:
        return "--all checks all connections: leave out CONNECTION, or --all"
    if options.all and options.role_arn:
        return "--role-arn is the role of one connection: it cannot be combined with --all"
    if not options.all and not options.connection:
        return "pass the name or the ID of a CONNECTION, or --all"
    for flag, is_given in {"--json": options.json, "--html": options.html is not None}.items():
        if is_given and not options.all:
            return f"{flag} can only be combined with --all"
    return "pass the name of a file with --html" if options.html == "" else ""


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    subjects = parser.add_subparsers(required=True, metavar="WHAT")
    aws = subjects.add_parser(
        "aws",
        help="the roles of AWS connections",
        description=_DOCTOR,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    aws.set_defaults(usage_error=aws.error)
    aws.add_argument("connection", metavar="CONNECTION", nargs="?", help="the connection's name or ID")
    aws.add_argument("--role-arn", metavar="ARN", help="the role (default: the connection's role)")
    aws.add_argument("--all", action="store_true", help="check all connections that the credential may read")
    aws.add_argument("--json", action="store_true", help="with --all: print JSON instead of a table")
    aws.add_argument(
        "--html", metavar="FILE", help="with --all: also write an HTML page that needs no other file, to be mailed"
    )
    aws.add_argument(
        "--profile",
        metavar="NAME",
        action="append",
        default=[],
        help="use the AWS credentials of this profile; can be repeated, for several accounts",
    )
    aws.add_argument(
        "--assume-role",
        metavar="ARN",
        help="read each account with this role, which the AWS credentials can assume; {account} in the ARN stands for "
        "the account, for example arn:aws:iam::{account}:role/doctor",
    )


_DOCTOR = """\
Reads roles and OIDC providers with your AWS credentials, and lists what prevents
Dynatrace from assuming the role of a connection. The Dynatrace environment and its
credentials come from the provider's environment variables (DYNATRACE_ENV_URL and others).

Exit status:
  0  all checks passed
  1  a check failed, or the command could not run
  2  no check failed, but some could not be made, for example because no AWS credentials
     belong to the account of the role
  64 the command line is not understood
"""
