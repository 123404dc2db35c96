"""What a person can ask of `terraform-provider-aws-iam`. Imported only then."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from terraform_plugin import Error
from terraform_plugin.install.mirror import install, module_command
from terraform_provider_aws_iam import SOURCE

DISTRIBUTION = "terraform-provider-dynatrace"


def run(arguments: Sequence[str]) -> int:
    """Do what the arguments say and return the exit status: 0 done, 1 failed, 2 not understood."""
    options = _parser().parse_args(arguments)
    command = module_command(__package__)
    try:
        executables = install(options.source, version(DISTRIBUTION), command, options.dir)
    except Error as error:
        sys.stderr.write(f"Error: {error.summary}\n\n{error.detail}\n")
        return 1
    for executable in executables:
        sys.stdout.write(f"Installed {options.source} {version(DISTRIBUTION)} as {executable}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="terraform-provider-aws-iam",
        description="A small Terraform provider for AWS IAM. Terraform starts it by itself; a person installs it.",
    )
    parser.add_argument("--version", action="version", version=version(DISTRIBUTION))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    installing = commands.add_parser("install", help="put the provider where `terraform init` finds it")
    installing.add_argument("--dir", type=Path, help="the plugin mirror (default: the user's own)")
    installing.add_argument("--source", default=SOURCE, metavar="ADDRESS", help=f"its address (default: {SOURCE})")
    return parser
