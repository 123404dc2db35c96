"""The command `dynatrace-sandbox`: serve a sandbox, run a command with one, print its environment variables."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from dynatrace_sandbox.loopback import HOST, get_json
from dynatrace_sandbox.shell import ALL, CREDENTIALS, export_script, sandbox_variables
from dynatrace_sandbox.tenant.releases import RELEASES

if TYPE_CHECKING:
    from dynatrace_sandbox.sandbox import Options

PORT = 8085
"""The default port of `serve` and `env`."""

_DESCRIPTION = """\
Simulates a Dynatrace environment and AWS IAM on this machine, to try AWS connections without an account of either.
"""
_OPTIONS = (
    *("tenant", "issuer", "release", "iam_propagation", "token_lifetime", "latency", "request_rate"),
    *("connection_deletion", "extension"),
)


_USAGE = 64
"""Exit status for a command line that is not understood: EX_USAGE of BSD's sysexits.h.

argparse's own is 2, which can be that of the command that `run` runs, such as `terraform plan -detailed-exitcode`.
"""


class _Parser(argparse.ArgumentParser):
    """A parser that ends the process with `_USAGE` after a mistake, as do the parsers of its commands."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(_USAGE, f"{self.prog}: error: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (default: those of the process); return its exit status."""
    parsed = _parser().parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger(__package__).setLevel(parsed.log.upper())
    try:
        status: int = parsed.run(parsed)
    except OSError as error:
        return _fail(str(error))
    return status


def _parser() -> argparse.ArgumentParser:
    ends = f"Exit status: 0 for success, 1 for a failure, {_USAGE} for a command line that is not understood."
    parser = _Parser(prog="dynatrace-sandbox", description=_DESCRIPTION, epilog=ends)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser(
        "serve",
        help="print environment variables, then serve until Ctrl-C",
        description="Prints the environment variables to use in another shell, then serves until Ctrl-C.",
    )
    serve.add_argument(
        "--port", type=_port, default=PORT, help=f"port to listen on; 0: any free port (default: {PORT})"
    )
    serve.add_argument("--while-stdin-open", action="store_true", help="stop when standard input is closed")
    _add_options(serve, log="info")
    serve.set_defaults(run=_serve)
    run = commands.add_parser(
        "run",
        help="run a command with a new sandbox and return its exit status",
        description="Runs a command with the environment variables of a new sandbox, and returns its exit status, or "
        f"{_USAGE} if this command line is not understood.",
        usage="dynatrace-sandbox run [OPTIONS] -- COMMAND [ARGUMENT ...]",  # argparse does not know what `--` is for
    )
    _add_options(run, log="warning")
    run.add_argument("command", nargs="+", metavar="COMMAND", help="command to run, with its arguments")
    run.set_defaults(run=_run)
    env = commands.add_parser(
        "env",
        help="print the environment variables of a running sandbox",
        description="Prints the environment variables of a sandbox that is running.",
    )
    env.add_argument("--port", type=_port, default=PORT, help=f"port of the sandbox (default: {PORT})")
    _add_credentials(env)
    env.set_defaults(run=_env, log="warning")
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > len("65535") or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 65535, got {text}")
    return int(text)


def _add_credentials(parser: argparse.ArgumentParser) -> None:
    names = [*CREDENTIALS, ALL]
    explanation = f"kind of credential in the environment variables (default: {CREDENTIALS[0]})"
    parser.add_argument("--credentials", default=CREDENTIALS[0], choices=names, help=explanation)


def _add_options(parser: argparse.ArgumentParser, log: str) -> None:
    _add_credentials(parser)
    shows = f"log level on standard error: every request (debug), every assumed role (info) or nothing (default: {log})"
    parser.add_argument("--log", default=log, choices=["debug", "info", "warning"], help=shows)
    tenant = "abc12345.apps.dynatrace.com"
    parser.add_argument(
        "--tenant", default=tenant, metavar="HOST", help=f"host name of the environment (default: {tenant})"
    )
    parser.add_argument(
        "--issuer", default="", metavar="URL", help="issuer of web identity tokens (default: by --tenant)"
    )
    newest = RELEASES[-1]
    release = f"schema of AWS connections that the environment has (default: {newest})"
    parser.add_argument("--release", default=newest, choices=RELEASES, help=release)
    for name, default, unit, explanation in (
        ("--iam-propagation", 0, "SECONDS", "time until a new role can be assumed"),
        ("--token-lifetime", 300, "SECONDS", "time until an OAuth access token expires"),
        ("--latency", 0, "MS", "milliseconds added to every response of Dynatrace"),
        ("--request-rate", 0, "N", "requests to Dynatrace in a second before status 429; 0: no limit"),
        ("--connection-deletion", 1, "SECONDS", "time until the connection of a deleted monitoring configuration goes"),
    ):
        help_text = f"{explanation} (default: {default})"
        parser.add_argument(name, type=float, default=default, metavar=unit, help=help_text)
    parser.add_argument(
        "--no-extension", dest="extension", action="store_false", help="begin without the extension for AWS installed"
    )


def _serve(parsed: argparse.Namespace) -> int:
    from dynatrace_sandbox.commands import serve  # noqa: PLC0415 --help need not wait for a web server

    return asyncio.run(serve(_options(parsed), parsed.port, parsed.credentials, parsed.while_stdin_open))


def _run(parsed: argparse.Namespace) -> int:
    from dynatrace_sandbox.commands import run  # noqa: PLC0415 --help need not wait for a web server

    return asyncio.run(run(_options(parsed), parsed.command, parsed.credentials))


def _env(parsed: argparse.Namespace) -> int:
    url = f"http://{HOST}:{parsed.port}"
    try:
        info, credentials = get_json(f"{url}/sandbox/"), get_json(f"{url}/sandbox/credentials")
        variables = sandbox_variables(url, info["options"]["tenant"], info["awsUrl"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        hint = f"Start one with: dynatrace-sandbox serve --port {parsed.port}"
        return _fail(f"no sandbox is running at {url} ({error}). {hint}")
    sys.stdout.write(export_script(variables, url, credentials, parsed.credentials))
    return 0


def _options(parsed: argparse.Namespace) -> Options:
    from dynatrace_sandbox.sandbox import Options  # noqa: PLC0415 --help need not wait for a web server

    try:
        return Options(**{name: getattr(parsed, name) for name in _OPTIONS})
    except ValueError as error:
        raise SystemExit(_fail(str(error), _USAGE)) from error


def _fail(message: str, status: int = 1) -> int:
    sys.stderr.write(f"dynatrace-sandbox: {message}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
