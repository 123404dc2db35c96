"""The provider with a data source that fails in unforeseen ways: tests run it as a process.

What it says when it does contains the secret that it was configured with.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any, ClassVar

from terraform_plugin import Attribute, DataSource, Schema, State, String
from terraform_plugin.server.serve import serve
from terraform_provider_dynatrace import SOURCE
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.provider import DynatraceProvider


def fail(secret: str) -> None:
    """Raise an unexpected exception with the secret in its message, its cause and its notes."""
    failure = RuntimeError(f"cannot use {secret}")
    failure.add_note(f"it was {secret!r}")
    raise failure from KeyError(secret)


def fail_in_a_thread(secret: str) -> None:
    thread = Thread(target=fail, args=(secret,))
    thread.start()
    thread.join()


def fail_in_a_task(secret: str) -> None:
    asyncio.get_running_loop().call_soon(fail, secret)


def fail_without_end(secret: str) -> None:
    fail_without_end(secret)


def leave(secret: str) -> None:
    sys.exit(f"leaving with {secret}")


def interrupt(secret: str) -> None:
    raise KeyboardInterrupt(secret)


def abort(secret: str) -> None:
    os.abort()


WAYS: Mapping[str, Callable[[str], None]] = {
    "call": fail,
    "thread": fail_in_a_thread,
    "task": fail_in_a_task,
    "recursion": fail_without_end,
    "exit": leave,
    "interrupt": interrupt,
    "abort": abort,
}


class Crash(DataSource):
    """Fails in the configured way."""

    type_name = "dynatrace_crash"
    schema = Schema("Goes wrong.", attributes={"way": Attribute(String, "How.", required=True)})

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def read(self, config: State) -> State:
        credential: Any = self.tenant.client.credential
        known = vars(credential)
        WAYS[config["way"]](known.get("_client_secret") or known["_header"].partition(" ")[2])
        await asyncio.sleep(0)
        return config


class CrashingProvider(DynatraceProvider):
    """The provider with one more data source."""

    data_sources: ClassVar[Any] = (*DynatraceProvider.data_sources, Crash)


if __name__ == "__main__":
    sys.exit(serve(CrashingProvider(), source=SOURCE))
