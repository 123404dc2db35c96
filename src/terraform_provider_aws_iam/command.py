"""The commands of `terraform-provider-aws-iam` for people. Imported only if one is called."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib.metadata import version

from terraform_plugin.command_line import EXIT_STATUS, Parser, exit_status, two_dashes
from terraform_plugin.install.command import add_commands
from terraform_plugin.install.mirror import module_command
from terraform_plugin.output import standard_streams
from terraform_provider_aws_iam import SOURCE

DISTRIBUTION = "terraform-provider-dynatrace"


def run(arguments: Sequence[str]) -> int:
    """Run a command and return the exit status.

    0: done. 1: failed. 64: the command line is not understood. 130: interrupted. Flags may have one dash, and `help`
    and `version` none.
    """
    words = two_dashes(arguments)
    if words and words[0] in ("help", "version"):
        words = [f"--{words[0]}"]

    def command() -> int:
        options = _parser().parse_args(words)
        status: int = options.run(options)
        return status

    with standard_streams() as (_, errors):
        return exit_status(command, errors)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="terraform-provider-aws-iam",
        description="A small Terraform provider for AWS IAM. Terraform starts it; you only install it.",
        epilog=EXIT_STATUS,
    )
    parser.add_argument("--version", action="version", version=version(DISTRIBUTION))
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_commands(commands, SOURCE, version(DISTRIBUTION), lambda: module_command(__package__))
    return parser
