"""Call a provider as Terraform does, RPC by RPC, with Python values instead of messages."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf.message_factory import GetMessageClass
from grpclib.client import Channel, UnaryStreamMethod, UnaryUnaryMethod

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import Value
from terraform_plugin.diagnostics import Diagnostic, Key, Path, Severity
from terraform_plugin.provider import Provider
from terraform_plugin.rpc.convert import decode_value, encode_value
from terraform_plugin.rpc.service import ProviderService
from terraform_plugin.schema import Attribute, Body, Schema
from terraform_plugin.state.objects import complete, convert_elements
from terraform_plugin.testing.channel import channel_to

Values = Mapping[str, Value]

_SERVICE = pb.DESCRIPTOR.services_by_name["Provider"]
_CAPABILITIES = pb.ClientCapabilities(write_only_attributes_allowed=True)


@dataclass(frozen=True)
class Response:
    """The response of an RPC."""

    value: Any = None
    """The state, or the result of a function; None is null."""
    diagnostics: Sequence[Diagnostic] = ()
    private: bytes = b""
    requires_replace: Sequence[Path] = ()
    """The paths whose change needs another resource."""

    @property
    def errors(self) -> list[Diagnostic]:
        return [diagnostic for diagnostic in self.diagnostics if diagnostic.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Diagnostic]:
        return [diagnostic for diagnostic in self.diagnostics if diagnostic.severity is Severity.WARNING]


class ProtocolClient:
    """Calls `provider` over `channel`. Names that are missing in values are null.

    A value of None is null: no prior state for a create, no configuration for a destroy.
    """

    def __init__(self, channel: Channel, provider: Provider) -> None:
        self._channel = channel
        self._provider = provider
        self._resources = {resource.type_name: resource.schema for resource in provider.resources}
        self._data_sources = {source.type_name: source.schema for source in provider.data_sources}
        self._functions = {function.name: function for function in provider.functions}

    async def call(self, rpc: str, **fields: Any) -> Any:
        """Call any RPC with the fields of its request; return its response message."""
        descriptor = _SERVICE.methods_by_name[rpc]
        request, response = GetMessageClass(descriptor.input_type), GetMessageClass(descriptor.output_type)
        method = UnaryUnaryMethod(self._channel, f"/{_SERVICE.full_name}/{rpc}", request, response)
        return await method(request(**fields))

    async def stream(self, rpc: str, **fields: Any) -> list[Any]:
        """Call an RPC whose response is a stream; return the messages in it."""
        descriptor = _SERVICE.methods_by_name[rpc]
        request, event = GetMessageClass(descriptor.input_type), GetMessageClass(descriptor.output_type)
        method = UnaryStreamMethod(self._channel, f"/{_SERVICE.full_name}/{rpc}", request, event)
        return list(await method(request(**fields)))

    async def validate_provider(self, config: Values) -> Response:
        response = await self.call("ValidateProviderConfig", config=_config(self._provider.schema, config))
        return Response(diagnostics=_diagnostics(response))

    async def configure(self, config: Values) -> Response:
        response = await self.call("ConfigureProvider", config=_config(self._provider.schema, config))
        return Response(diagnostics=_diagnostics(response))

    async def validate(self, type_name: str, config: Values) -> Response:
        message = _config(self._resources[type_name], config)
        response = await self.call(
            "ValidateResourceConfig", type_name=type_name, config=message, client_capabilities=_CAPABILITIES
        )
        return Response(diagnostics=_diagnostics(response))

    async def plan(
        self, type_name: str, config: Values | None, prior: Values | None = None, private: bytes = b""
    ) -> Response:
        """Return the plan. Terraform's own proposal is not sent: the library does not use it."""
        schema = self._resources[type_name]
        response = await self.call(
            "PlanResourceChange",
            type_name=type_name,
            config=_config(schema, config),
            prior_state=_message(schema, prior),
            prior_private=private,
            client_capabilities=_CAPABILITIES,
        )
        replace = [_path(path) for path in response.requires_replace]
        return Response(
            _value(schema, response.planned_state), _diagnostics(response), response.planned_private, replace
        )

    async def apply(
        self, type_name: str, config: Values | None, planned: Response, prior: Values | None = None
    ) -> Response:
        """Apply what `plan` returned."""
        schema = self._resources[type_name]
        response = await self.call(
            "ApplyResourceChange",
            type_name=type_name,
            config=_config(schema, config),
            prior_state=_message(schema, prior),
            planned_state=_message(schema, planned.value),
            planned_private=planned.private,
        )
        return Response(_value(schema, response.new_state), _diagnostics(response), response.private)

    async def read(self, type_name: str, state: Values, private: bytes = b"") -> Response:
        schema = self._resources[type_name]
        message = _message(schema, state)
        response = await self.call("ReadResource", type_name=type_name, current_state=message, private=private)
        return Response(_value(schema, response.new_state), _diagnostics(response), response.private)

    async def upgrade(self, type_name: str, version: int, state: Mapping[str, Any] | bytes) -> Response:
        """`state` is JSON, as an object or as the text in the state file."""
        raw = pb.RawState(json=state if isinstance(state, bytes) else json.dumps(state).encode())
        response = await self.call("UpgradeResourceState", type_name=type_name, version=version, raw_state=raw)
        return Response(_value(self._resources[type_name], response.upgraded_state), _diagnostics(response))

    async def import_(self, type_name: str, id_: str) -> Response:
        response = await self.call("ImportResourceState", type_name=type_name, id=id_)
        for imported in response.imported_resources:
            value = _value(self._resources[type_name], imported.state)
            return Response(value, _diagnostics(response), imported.private)
        return Response(diagnostics=_diagnostics(response))

    async def validate_data_source(self, type_name: str, config: Values) -> Response:
        message = _config(self._data_sources[type_name], config)
        response = await self.call("ValidateDataResourceConfig", type_name=type_name, config=message)
        return Response(diagnostics=_diagnostics(response))

    async def read_data_source(self, type_name: str, config: Values) -> Response:
        schema = self._data_sources[type_name]
        response = await self.call("ReadDataSource", type_name=type_name, config=_config(schema, config))
        return Response(_value(schema, response.state), _diagnostics(response))

    async def call_function(self, name: str, *arguments: Value) -> Response:
        """Return the result. An error is one diagnostic; its path is the index of the argument that it is about."""
        function = self._functions[name]
        variadic = [function.variadic] * (len(arguments) - len(function.parameters))
        parameters = filter(None, [*function.parameters, *variadic])
        messages = [encode_value(known.type, value) for known, value in zip(parameters, arguments, strict=True)]
        response = await self.call("CallFunction", name=name, arguments=messages)
        if response.HasField("error"):
            about = Path(response.error.function_argument) if response.error.HasField("function_argument") else Path()
            return Response(diagnostics=[Diagnostic(Severity.ERROR, response.error.text, path=about)])
        return Response(decode_value(function.returns, response.result))

    async def stop(self) -> str:
        """Return the reason why the provider could not stop, or nothing."""
        response = await self.call("StopProvider")
        return str(response.Error)


@asynccontextmanager
async def in_process(provider: Provider) -> AsyncIterator[ProtocolClient]:
    """Serve `provider` without a process or a socket. It is not configured yet."""
    service = ProviderService(provider, asyncio.Event())
    async with channel_to([service]) as channel:
        yield ProtocolClient(channel, provider)
    await service.close()


def _message(schema: Schema, values: Values | None) -> pb.DynamicValue:
    return encode_value(schema.element_type, None if values is None else complete(schema, values))


def _config(schema: Schema, values: Values | None) -> pb.DynamicValue:
    return encode_value(schema.element_type, None if values is None else _with_write_only(schema, values))


def _with_write_only(body: Body, values: Values) -> dict[str, Value]:
    """Complete the values like `complete`, which drops what must not be in a state."""
    completed = complete(body, values)
    for name, member in body.members.items():
        if isinstance(member, Attribute) and member.write_only:
            completed[name] = values.get(name)
        elif member.nested is not None and name in values:
            completed[name] = convert_elements(member.nested, values[name], partial(_with_write_only, member.nested))
    return completed


def _value(schema: Schema, message: pb.DynamicValue) -> Any:
    return decode_value(schema.element_type, message)


def _diagnostics(response: Any) -> list[Diagnostic]:
    return [
        Diagnostic(Severity(message.severity), message.summary, message.detail, _path(message.attribute))
        for message in response.diagnostics
    ]


def _path(message: pb.AttributePath) -> Path:
    kinds = {"attribute_name": str, "element_key_string": Key, "element_key_int": int}
    steps = ((step.WhichOneof("selector"), step) for step in message.steps)
    return Path(*(kinds[kind](getattr(step, kind)) for kind, step in steps))
