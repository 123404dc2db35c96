"""The command `dynatrace-sandbox`: serve a sandbox, run a command against one, print what to export."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from typing import Any

from dynatrace_sandbox.loopback import HOST, get_json
from dynatrace_sandbox.shell import ALL, KINDS, as_shell, sandbox_variables

PORT = 8085
"""Where `serve` listens and `env` looks unless told otherwise."""

OPTIONS = ("tenant", "issuer", "iam_propagation", "token_lifetime", "latency", "request_rate")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (default: those of the process); return its exit status."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger(__package__).setLevel(chosen.log.upper())
    try:
        status: int = chosen.act(chosen)
    except OSError as error:
        sys.stderr.write(f"dynatrace-sandbox: {error}\n")
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dynatrace-sandbox", description=sys.modules[__package__].__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve until interrupted, after printing what to export")
    serve.add_argument("--port", type=int, default=PORT, help=f"0 takes a free one (default: {PORT})")
    serve.add_argument("--while-stdin-open", action="store_true", help="stop when standard input ends")
    _add_options(serve, log="info")
    serve.set_defaults(act=_serve)
    run = commands.add_parser("run", help="run a command against a fresh sandbox, with its exit status")
    _add_options(run, log="warning")
    run.add_argument("command", nargs="+", metavar="-- COMMAND", help="the command and its arguments")
    run.set_defaults(act=_run)
    env = commands.add_parser("env", help="print what to export for a sandbox that is being served")
    env.add_argument("--port", type=int, default=PORT, help=f"where it is served (default: {PORT})")
    _add_credentials(env)
    env.set_defaults(act=_env, log="warning")
    return parser


def _add_credentials(parser: argparse.ArgumentParser) -> None:
    kinds = [*KINDS, ALL]
    parser.add_argument("--credentials", default=KINDS[0], choices=kinds, help=f"default: {KINDS[0]}")


def _add_options(parser: argparse.ArgumentParser, log: str) -> None:
    _add_credentials(parser)
    shows = f"what standard error shows: requests (debug), tried roles (info) or neither (default: {log})"
    parser.add_argument("--log", default=log, choices=["debug", "info", "warning"], help=shows)
    parser.add_argument("--tenant", default="abc12345.apps.dynatrace.com", help="host name of the pretend tenant")
    parser.add_argument("--issuer", default="", metavar="URL", help="of web identity tokens (default: the tenant's)")
    parser.add_argument("--iam-propagation", type=float, default=0, metavar="SECONDS", help="a new role's delay")
    parser.add_argument("--token-lifetime", type=float, default=300, metavar="SECONDS", help="of OAuth access tokens")
    parser.add_argument("--latency", type=float, default=0, metavar="MS", help="added to every answer of Dynatrace")
    parser.add_argument("--request-rate", type=float, default=0, metavar="N", help="a second, then 429 (0: no limit)")


def _serve(chosen: argparse.Namespace) -> int:
    from dynatrace_sandbox.commands import serve  # noqa: PLC0415 --help need not wait for a web server

    return asyncio.run(serve(_options(chosen), chosen.port, chosen.credentials, chosen.while_stdin_open))


def _run(chosen: argparse.Namespace) -> int:
    from dynatrace_sandbox.commands import run  # noqa: PLC0415 --help need not wait for a web server

    return asyncio.run(run(_options(chosen), chosen.command, chosen.credentials))


def _env(chosen: argparse.Namespace) -> int:
    url = f"http://{HOST}:{chosen.port}"
    try:
        info, credentials = get_json(f"{url}/sandbox/"), get_json(f"{url}/sandbox/credentials")
    except (OSError, ValueError) as error:
        hint = f"Start one with: dynatrace-sandbox serve --port {chosen.port}"
        sys.stderr.write(f"dynatrace-sandbox: no sandbox answers at {url} ({error}). {hint}\n")
        return 1
    places = sandbox_variables(url, info["options"]["tenant"], info["awsUrl"])
    sys.stdout.write(as_shell(places, url, credentials, chosen.credentials))
    return 0


def _options(chosen: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(chosen, name) for name in OPTIONS}


if __name__ == "__main__":
    sys.exit(main())
