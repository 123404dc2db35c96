"""A provider that returns what it receives: the smallest one that shows how the process of a provider behaves."""

import logging
import os
import sys
import time
from pathlib import Path

from terraform_plugin import Attribute, Error, Number, Provider, Resource, Schema, State, String, pause
from terraform_plugin.server.serve import serve

SOURCE = "terraform.test/examples/echo"

logger = logging.getLogger("echo")


class Echo(Resource):
    type_name = "echo_text"
    schema = Schema(
        "A text.",
        attributes={
            "text": Attribute(String, "Any text.", required=True),
            "seconds": Attribute(Number, "How long it takes to create.", optional=True),
            "echo": Attribute(String, "The same text.", computed=True),
        },
    )

    async def create(self, plan: State) -> State:
        logger.info("creating", extra={"length": len(str(plan["text"]))})
        print("what an author prints")  # noqa: T201  # must not reach Terraform as part of the protocol
        if plan["seconds"]:
            await pause(float(plan["seconds"]))
        if plan["text"] == "refused":
            raise Error("Refused", "This text is not echoed.")
        return plan | {"echo": plan["text"]}

    async def read(self, state: State) -> State:
        return state | {"text": "something else"} if state["text"] == "forgotten" else state

    async def update(self, state: State, plan: State) -> State:
        logger.info("updating", extra={"was": state["text"]})
        return plan | {"echo": plan["text"]}

    async def import_state(self, id_: str) -> State:
        return State({"text": id_, "echo": id_})

    async def delete(self, state: State) -> None:
        logger.info("deleting", extra={"was": state["text"]})


class EchoProvider(Provider):
    name = "echo"
    schema = Schema("Echoes.")
    resources = (Echo,)

    async def configure(self, config: State) -> None:
        logger.debug("configured", extra={"arguments": len(config)})


def provider() -> EchoProvider:
    """Return the provider when the file ECHO_WAIT exists, or fail with ECHO_FAIL, as an import can."""
    awaited = os.environ.get("ECHO_WAIT")
    while awaited and not Path(awaited).exists():
        time.sleep(0.01)
    if failure := os.environ.get("ECHO_FAIL"):
        raise ImportError(failure)
    return EchoProvider()


if __name__ == "__main__":
    raise SystemExit(serve(provider, source=SOURCE, unix_sockets="--tcp" not in sys.argv))
