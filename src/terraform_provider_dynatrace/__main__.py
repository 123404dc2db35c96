"""The command `terraform-provider-dynatrace`: serves the provider to Terraform, and runs commands for people."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from terraform_provider_dynatrace import SOURCE

if TYPE_CHECKING:
    from terraform_plugin import Provider


_COMMANDS = "It also has commands, such as doctor and -export. To list them, pass --help."


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status. Terraform starts the provider without arguments; people pass a command."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given and given not in (["--debug"], ["-debug"]):
        from terraform_provider_dynatrace.cli.main import run  # noqa: PLC0415  # for people: rich, argparse

        return run(given)
    gc.disable()  # a twentieth of a start: nothing that is imported now is garbage. `serve` turns it on again
    from terraform_plugin.server.serve import serve  # noqa: PLC0415  # not for people's commands

    return serve(provider, source=SOURCE, commands=_COMMANDS, arguments=["--debug"] if given else [])


def provider() -> Provider:
    """Import the provider and return it."""
    from terraform_provider_dynatrace.provider import DynatraceProvider  # noqa: PLC0415  # after the handshake

    return DynatraceProvider()


if __name__ == "__main__":
    sys.exit(main())
