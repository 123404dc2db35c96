"""What the commands of all programs have in common: how flags are written, and how a command ends."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from terraform_plugin.diagnostics import Error
from terraform_plugin.output import Output

USAGE = 64
"""Exit status for a command line that is not understood: EX_USAGE of BSD's sysexits.h.

argparse's own is 2, which is a result of `doctor`, and of `terraform plan -detailed-exitcode`.
"""
EXIT_STATUS = f"Exit status: 0 for success, 1 for a failure, {USAGE} for a command line that is not understood."
"""For the end of a program's help."""


class UsageError(Error):
    """The command line has a mistake, such as an unknown flag, or a value that a flag does not take."""


class Parser(argparse.ArgumentParser):
    """A parser that ends the process with `USAGE` after a mistake, as do the parsers of its commands."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: error: {message}\n")


def two_dashes(words: Sequence[str]) -> list[str]:
    """Return the command line with two dashes before each long flag.

    Terraform's own flags have one (Go's package `flag` accepts both).
    argparse would read `-help` as `-h elp`.
    """
    return [f"-{word}" if len(word) > 2 and word[0] == "-" and word[1].isalpha() else word for word in words]


def exit_status(command: Callable[[], int], errors: Output) -> int:
    """Run a command and return its exit status, after writing the `Error` that it raised.

    1 for an `Error`, `USAGE` for a `UsageError`, 130 for an interrupt, and otherwise what the command returns.
    """
    try:
        return command()
    except Error as error:
        errors.write(f"Error: {error.summary}\n\n{error.detail}\n")
        return USAGE if isinstance(error, UsageError) else 1
    except SystemExit as ended:  # the parser ends the process itself, after --help or for a mistake
        return ended.code if isinstance(ended.code, int) else 1
    except KeyboardInterrupt:
        errors.write("Interrupted.\n")
        return 130
