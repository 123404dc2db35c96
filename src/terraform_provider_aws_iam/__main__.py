"""The command `terraform-provider-aws-iam`: serves the provider to Terraform, or installs it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from terraform_provider_aws_iam import SOURCE

if TYPE_CHECKING:
    from terraform_plugin import Provider


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status. Terraform passes no arguments; people pass a command."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given and given != ["--debug"]:
        from terraform_provider_aws_iam.command import run  # noqa: PLC0415  # not needed to serve

        return run(given)
    gc.disable()  # saves 5 % of a start: nothing that is imported now becomes garbage. `serve` enables it again
    from terraform_plugin.server.serve import serve  # noqa: PLC0415  # not needed for commands

    commands = "It also has the commands install and uninstall. To list them, pass --help."
    return serve(provider, source=SOURCE, commands=commands, arguments=given)


def provider() -> Provider:
    """Import the provider and return it."""
    from terraform_provider_aws_iam.provider import AwsProvider  # noqa: PLC0415  # after the handshake

    return AwsProvider()


if __name__ == "__main__":
    sys.exit(main())
