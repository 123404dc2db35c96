"""The commands of `terraform-provider-aws-iam` for people. Imported only if one is called."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.command import add_commands
from terraform_plugin.install.mirror import module_command
from terraform_plugin.masking import safe_text
from terraform_provider_aws_iam import SOURCE

DISTRIBUTION = "terraform-provider-dynatrace"


def run(arguments: Sequence[str]) -> int:
    """Run a command and return the exit status: 0 for success, 1 for a failure, 2 for wrong arguments."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except Error as error:
        sys.stderr.write(safe_text(f"Error: {error.summary}\n\n{error.detail}\n"))
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="terraform-provider-aws-iam",
        description="A small Terraform provider for AWS IAM. Terraform starts it; you only install it.",
    )
    parser.add_argument("--version", action="version", version=version(DISTRIBUTION))
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_commands(commands, SOURCE, version(DISTRIBUTION), lambda: module_command(__package__))
    return parser
