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
from terraform_plugin.diagnostics import Error
from terraform_plugin.grpc.server import Handlers
from terraform_plugin.provider import Provider
from terraform_plugin.rpc.dispatch import handlers
from terraform_plugin.schema import Attribute, Schema
from terraform_plugin.testing import ProtocolClient
from terraform_plugin.testing.channel import channel_to
from tests.terraform_plugin.profiles import costly
from tests.terraform_plugin.thing import ask, provider, thing

SERVICE = pb.DESCRIPTOR.services_by_name["Provider"]
STREAMED = ["ListResource", "InvokeAction", "ReadStateBytes", "WriteStateBytes"]
CALLS = [rpc.name for rpc in SERVICE.methods if rpc.name not in STREAMED]


@pytest.mark.parametrize("rpc", [rpc.name for rpc in SERVICE.methods])
async def test_every_call_gets_a_response(rpc: str) -> None:
    """Each RPC has a response, or the status that Go's clients expect where a provider has no such method."""
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
            return handlers(SERVICE, {}, {}, asyncio.Event())

    async with channel_to([Nothing()]) as channel:
        return await ProtocolClient(channel, provider()).call(rpc)


async def test_a_failed_stop_says_so_in_its_own_field() -> None:
    """The response to a stop request has no diagnostics, but a field for an error."""

    class Broken:
        async def stop_provider(self, _: Any, __: Any) -> None:
            raise Error("Cannot stop", "Try again.")

        def handlers(self) -> Handlers:
            return handlers(SERVICE, {"StopProvider": self.stop_provider}, {}, asyncio.Event())

    async with channel_to([Broken()]) as channel:
        assert await ProtocolClient(channel, provider()).stop() == "Cannot stop: Try again."


async def test_a_provider_masks_what_is_sensitive_in_its_configuration() -> None:
    """Sensitive arguments are masked before the provider sees them, so also in errors about the configuration."""

    async def configure(_: Provider, config: dict[str, Any]) -> None:
        raise Error("Refused", f"The token {config['token']} is not accepted.")

    schema = Schema("", attributes={"token": Attribute(String, "", optional=True, sensitive=True)})
    served = provider(configure=configure, schema=schema)
    answer = await ask(served, lambda client: client.configure({"token": "dt0c01.MASKED-IN-THIS-TEST"}))
    assert answer.errors[0].detail == "The token (sensitive value) is not accepted."


@costly
@given(st.binary(max_size=200), st.sampled_from(CALLS), st.sampled_from(["msgpack", "json"]))
async def test_hostile_bytes_in_any_call_get_a_response(data: bytes, rpc: str, form: str) -> None:
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
