"""Around every call: nothing but a reply ever comes out."""

import asyncio
from typing import Any

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import String
from terraform_plugin.diagnostics import Error, Key, Path
from terraform_plugin.grpc.server import Handlers
from terraform_plugin.log import mask
from terraform_plugin.provider import Provider
from terraform_plugin.rpc.convert import diagnostic_message, errors_in, shown
from terraform_plugin.rpc.dispatch import handlers, snake_case
from terraform_plugin.schema import Attribute, Schema
from terraform_plugin.testing import ProtocolClient
from terraform_plugin.testing.channel import channel_to
from tests.terraform_plugin.profiles import costly
from tests.terraform_plugin.thing import ask, provider, thing

SERVICE = pb.DESCRIPTOR.services_by_name["Provider"]
STREAMED = ["ListResource", "InvokeAction", "ReadStateBytes", "WriteStateBytes"]
CALLS = [rpc.name for rpc in SERVICE.methods if rpc.name not in STREAMED]

failures: st.SearchStrategy[Exception] = st.recursive(
    st.text().map(Error) | st.text().map(ValueError),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda errors: ExceptionGroup("", errors)),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("GetMetadata", "get_metadata"),
        ("StopProvider", "stop_provider"),
        ("ReadDataSource", "read_data_source"),
    ],
)
def test_an_rpc_is_a_method(name: str, method: str) -> None:
    """In Python's spelling."""
    assert snake_case(name) == method


@pytest.mark.parametrize("rpc", [rpc.name for rpc in SERVICE.methods])
async def test_every_call_is_answered(rpc: str) -> None:
    """With a reply, or as Go's clients know it from a provider that has no such method."""
    try:
        reply = await asked_of_nothing(rpc)
    except GRPCError as error:
        assert error.status is Status.UNIMPLEMENTED  # noqa: PT017  # either is fine
    else:
        assert "Not offered" in reply.diagnostics[0].summary


async def asked_of_nothing(rpc: str) -> Any:
    """Ask a service without any method."""

    class Nothing:
        def handlers(self) -> Handlers:
            return handlers(self, SERVICE, asyncio.Event())

    async with channel_to([Nothing()]) as channel:
        return await ProtocolClient(channel, provider()).call(rpc)


async def test_a_failed_stop_says_so_in_its_own_field() -> None:
    """Its reply has no diagnostics."""

    class Broken:
        async def stop_provider(self, _: Any, __: Any) -> None:
            raise Error("Cannot stop", "Try again.")

        def handlers(self) -> Handlers:
            return handlers(self, SERVICE, asyncio.Event())

    async with channel_to([Broken()]) as channel:
        assert await ProtocolClient(channel, provider()).stop() == "Cannot stop: Try again."


def test_what_cannot_be_said_in_utf_8_is_replaced() -> None:
    """A message that cannot be sent would hide the failure, and lose what is in the reply."""
    message = diagnostic_message(Error("a\ud800", "b\udfff", Path("c\ud800", Key("d\ud800"), 1)).diagnostic())
    assert (message.summary, message.detail) == ("a?", "b?")
    assert [step.WhichOneof("selector") for step in message.attribute.steps] == [
        "attribute_name", "element_key_string", "element_key_int",
    ]  # fmt: skip


def test_nothing_in_a_message_steers_the_terminal() -> None:
    """A name may hold escape sequences, or turn the order of letters around; lines stay lines."""
    message = diagnostic_message(Error("No \x1b[2Jscreen", "\u202egnorw\r\n\tfine: é 接続").diagnostic())
    assert message.summary == "No \\u001b[2Jscreen"
    assert message.detail == "\\u202egnorw\\u000d\n\tfine: é 接続"


def test_a_secret_is_masked_wherever_it_is_said() -> None:
    """In summaries, details and the errors of functions."""
    mask("a-token-nobody-may-see")
    message = diagnostic_message(Error("No a-token-nobody-may-see", "a-token-nobody-may-see").diagnostic())
    assert "nobody" not in message.summary + message.detail + shown("a-token-nobody-may-see")


async def test_a_provider_masks_what_is_sensitive_in_its_configuration() -> None:
    """Before anything else happens: what the configuration provokes is masked, too."""

    async def configure(_: Provider, config: dict[str, Any]) -> None:
        raise Error("Refused", f"The token {config['token']} is not accepted.")

    schema = Schema("", attributes={"token": Attribute(String, "", optional=True, sensitive=True)})
    served = provider(configure=configure, schema=schema)
    answer = await ask(served, lambda client: client.configure({"token": "dt0c01.MASKED-IN-THIS-TEST"}))
    assert answer.errors[0].detail == "The token (sensitive value) is not accepted."


@costly
@given(failures)
def test_any_failure_is_at_least_one_error_that_can_be_sent(failure: Exception) -> None:
    """Groups in groups, any text."""
    messages = [diagnostic_message(error.diagnostic()) for error in errors_in(failure, "thing: read")]
    assert messages
    assert all(message.severity == pb.Diagnostic.ERROR and message.ByteSize() for message in messages)


@costly
@given(st.binary(max_size=200), st.sampled_from(CALLS), st.sampled_from(["msgpack", "json"]))
async def test_hostile_bytes_in_any_call_are_answered(data: bytes, rpc: str, form: str) -> None:
    """As a value, a state, a name or private data: there is a reply, and it is no more than an error."""
    fields: dict[str, Any] = {}
    for field in SERVICE.methods_by_name[rpc].input_type.fields:
        if field.message_type is pb.DynamicValue.DESCRIPTOR:
            value = pb.DynamicValue(**{form: data})
            fields[field.name] = [value] if field.name == "arguments" else value
        elif field.message_type is pb.RawState.DESCRIPTOR:
            fields[field.name] = pb.RawState(json=data)
        elif field.name in ("type_name", "target_type_name"):
            fields[field.name] = "thing"
    no_reply_field = rpc in ("StopProvider", "CallFunction", "GetMetadata")
    reply = await ask(provider(thing()), lambda client: client.call(rpc, **fields))
    assert no_reply_field or all(found.severity for found in reply.diagnostics)
