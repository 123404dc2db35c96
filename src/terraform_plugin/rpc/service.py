"""Terraform's calls: one short method per RPC that decodes, calls and encodes.

Source: service `tfplugin6.Provider`. A method fills in `reply`; what it raises becomes diagnostics in the reply, beside
whatever was filled in before. RPCs without a method here are answered as by a provider that has none of the kind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import UNKNOWN
from terraform_plugin.grpc.server import Handlers
from terraform_plugin.list_resource import ListedObject, ListResource
from terraform_plugin.log import mask
from terraform_plugin.planning.plan import plan
from terraform_plugin.provider import Provider
from terraform_plugin.resource import MoveSource, Resource, kept_state
from terraform_plugin.rpc.checks import (
    callable_with,
    cannot_move,
    named,
    newer,
    parameters,
    refuse_mistakes,
    whole,
)
from terraform_plugin.rpc.configurations import Configurations
from terraform_plugin.rpc.convert import (
    from_state,
    from_value,
    known_state,
    path_message,
    private_of,
    raw_json,
    to_config,
    to_state,
    to_value,
)
from terraform_plugin.rpc.dispatch import handlers
from terraform_plugin.rpc.identity import from_identity, identify, identity_data, identity_schema
from terraform_plugin.rpc.schemas import function_message, schema_message
from terraform_plugin.state.objects import sensitive_texts
from terraform_plugin.state.state import State
from terraform_plugin.state.state_json import from_json


class ProviderService:
    """Serves one provider. `stop` is set when Terraform asks to stop."""

    def __init__(self, provider: Provider, stop: asyncio.Event) -> None:
        self.provider = provider
        self.stop = stop
        self._configured = Configurations(provider)
        self._resources = {resource.type_name: resource for resource in provider.resources}
        self._data_sources = {source.type_name: source for source in provider.data_sources}
        self._list_resources = {listed.resource.type_name: listed for listed in provider.list_resources}
        self._functions = {function.name: function for function in provider.functions}

    def handlers(self) -> Handlers:
        return handlers(self, pb.DESCRIPTOR.services_by_name["Provider"], self.stop)

    async def close(self) -> None:
        """Release what the provider holds. Called when the process ends."""
        await self._configured.close()

    # What the provider offers

    async def get_metadata(self, _: pb.GetMetadata.Request, reply: pb.GetMetadata.Response) -> None:
        reply.server_capabilities.CopyFrom(_CAPABILITIES)
        for name in self._resources:
            reply.resources.add(type_name=name)
        for name in self._data_sources:
            reply.data_sources.add(type_name=name)
        for name in self._list_resources:
            reply.list_resources.add(type_name=name)
        for name in self._functions:
            reply.functions.add(name=name)

    async def get_provider_schema(self, _: pb.GetProviderSchema.Request, reply: pb.GetProviderSchema.Response) -> None:
        reply.server_capabilities.CopyFrom(_CAPABILITIES)
        reply.provider.CopyFrom(schema_message(self.provider.schema))
        for name, resource in self._resources.items():
            reply.resource_schemas[name].CopyFrom(schema_message(resource.schema))
        for name, source in self._data_sources.items():
            reply.data_source_schemas[name].CopyFrom(schema_message(source.schema))
        for name, listed in self._list_resources.items():
            reply.list_resource_schemas[name].CopyFrom(schema_message(listed.schema))
        for name, function in self._functions.items():
            reply.functions[name].CopyFrom(function_message(function))

    async def get_functions(self, _: pb.GetFunctions.Request, reply: pb.GetFunctions.Response) -> None:
        for name, function in self._functions.items():
            reply.functions[name].CopyFrom(function_message(function))

    # Configurations

    async def validate_provider_config(
        self, request: pb.ValidateProviderConfig.Request, _: pb.ValidateProviderConfig.Response
    ) -> None:
        refuse_mistakes(self.provider, to_config(self.provider.schema, request.config))

    async def validate_resource_config(
        self, request: pb.ValidateResourceConfig.Request, _: pb.ValidateResourceConfig.Response
    ) -> None:
        resource = named(self._resources, request.type_name, "resource")
        allowed = request.client_capabilities.write_only_attributes_allowed
        refuse_mistakes(resource, to_config(resource.schema, request.config), write_only_allowed=allowed)

    async def validate_data_resource_config(
        self, request: pb.ValidateDataResourceConfig.Request, _: pb.ValidateDataResourceConfig.Response
    ) -> None:
        source = named(self._data_sources, request.type_name, "data source")
        refuse_mistakes(source, to_config(source.schema, request.config))

    async def configure_provider(self, request: pb.ConfigureProvider.Request, _: pb.ConfigureProvider.Response) -> None:
        config = to_config(self.provider.schema, request.config)
        for secret in sensitive_texts(self.provider.schema, config):
            mask(secret)
        self.stop.clear()  # in debug mode one process serves one run of Terraform after the other
        await self._configured.configure(config)

    # Resources

    async def upgrade_resource_state(
        self, request: pb.UpgradeResourceState.Request, reply: pb.UpgradeResourceState.Response
    ) -> None:
        resource = named(self._resources, request.type_name, "resource")
        if request.version > resource.schema.version:
            raise newer(request.version, resource)
        raw = raw_json(request.raw_state)
        state = from_json(resource.schema, resource.upgrade(request.version, raw))
        reply.upgraded_state.CopyFrom(from_state(resource.schema, state))

    async def move_resource_state(
        self, request: pb.MoveResourceState.Request, reply: pb.MoveResourceState.Response
    ) -> None:
        resource = named(self._resources, request.target_type_name, "resource")
        source = MoveSource(
            request.source_provider_address,
            request.source_type_name,
            request.source_schema_version,
            raw_json(request.source_state),
            request.source_private,
        )
        state = resource.move(source)
        if state is None:
            raise cannot_move(source, resource)
        reply.target_state.CopyFrom(from_state(resource.schema, whole(resource, state, "move")))
        reply.target_private = state.private

    async def import_resource_state(
        self, request: pb.ImportResourceState.Request, reply: pb.ImportResourceState.Response
    ) -> None:
        resource = self._resource(request.type_name)
        by_id = not request.HasField("identity")
        identity = {} if by_id else from_identity(resource, request.identity)
        state = await (resource.import_state(request.id) if by_id else resource.import_identity(identity))
        value = from_state(resource.schema, whole(resource, state, "import"))
        imported = reply.imported_resources.add(type_name=request.type_name, state=value, private=private_of(state))
        identify(imported.identity, resource, state)

    async def read_resource(self, request: pb.ReadResource.Request, reply: pb.ReadResource.Response) -> None:
        resource = self._resource(request.type_name)
        state = to_state(resource.schema, request.current_state, request.private)
        found = None if state is None else await resource.read(state)
        if found is not None:
            reply.new_state.CopyFrom(from_state(resource.schema, whole(resource, found, "read")))
            reply.private = private_of(found, request.private)
            identify(reply.new_identity, resource, found)

    async def plan_resource_change(
        self, request: pb.PlanResourceChange.Request, reply: pb.PlanResourceChange.Response
    ) -> None:
        resource = self._resource(request.type_name)
        prior = to_state(resource.schema, request.prior_state, request.prior_private)
        config = to_state(resource.schema, request.config)
        change = await resource.plan(plan(resource.schema, prior, config, request.prior_private))
        reply.planned_private = private_of(change.planned, b"" if prior is None else request.prior_private)
        if config is not None and change.planned is not None:
            reply.planned_state.CopyFrom(from_state(resource.schema, change.planned))
            identify(reply.planned_identity, resource, change.planned)
            reply.requires_replace.extend(path_message(path) for path in change.requires_replace if prior is not None)

    async def apply_resource_change(
        self, request: pb.ApplyResourceChange.Request, reply: pb.ApplyResourceChange.Response
    ) -> None:
        resource = self._resource(request.type_name)
        prior = to_state(resource.schema, request.prior_state, request.planned_private)
        planned = to_state(resource.schema, request.planned_state, request.planned_private)
        if planned is not None:
            planned.config = to_config(resource.schema, request.config)
        with kept_state() as kept:
            try:
                result = await _act(resource, prior, planned)
            except (Exception, SystemExit):
                _record(reply, resource, kept[-1] if kept else prior, request.planned_private)
                raise
        if result is not None:
            _record(reply, resource, result, request.planned_private)
            from_state(resource.schema, whole(resource, result, "apply"))

    # Identities: the attributes that name one object for good. Terraform 1.12 and newer ask for them.

    async def get_resource_identity_schemas(
        self, _: pb.GetResourceIdentitySchemas.Request, reply: pb.GetResourceIdentitySchemas.Response
    ) -> None:
        for name, resource in self._resources.items():
            if resource.identity:
                reply.identity_schemas[name].CopyFrom(identity_schema(resource))

    async def upgrade_resource_identity(
        self, request: pb.UpgradeResourceIdentity.Request, reply: pb.UpgradeResourceIdentity.Response
    ) -> None:
        resource = named(self._resources, request.type_name, "resource")
        identify(reply.upgraded_identity, resource, raw_json(request.raw_identity))

    # List resources, for `terraform query` of Terraform 1.14 and newer. `ListResource` answers with a stream of events.

    async def validate_list_resource_config(
        self, request: pb.ValidateListResourceConfig.Request, _: pb.ValidateListResourceConfig.Response
    ) -> None:
        listing = named(self._list_resources, request.type_name, "list resource")
        refuse_mistakes(listing, to_config(listing.schema, request.config))

    async def list_resource(self, request: pb.ListResource.Request) -> AsyncIterator[pb.ListResource.Event]:
        """Yield at most `limit` events; 0 means that there is no limit."""
        kind = named(self._list_resources, request.type_name, "list resource")
        listing: ListResource = self._configured.make(kind)
        count = 0
        async for listed in listing.list(to_config(kind.schema, request.config)):
            yield _event(kind.resource, listed, with_object=request.include_resource_object)
            count += 1
            if count == request.limit:
                return

    # Data sources and functions

    async def read_data_source(self, request: pb.ReadDataSource.Request, reply: pb.ReadDataSource.Response) -> None:
        source = self._configured.make(named(self._data_sources, request.type_name, "data source"))
        state = await source.read(to_config(source.schema, request.config))
        reply.state.CopyFrom(from_state(source.schema, whole(source, state, "read")))

    async def call_function(self, request: pb.CallFunction.Request, reply: pb.CallFunction.Response) -> None:
        function = named(self._functions, request.name, "function")
        declared = parameters(function, len(request.arguments))
        types = [parameter.type for parameter in declared]
        arguments = [to_value(*argument) for argument in zip(types, request.arguments, strict=True)]
        result = function().call(*arguments) if callable_with(declared, arguments) else UNKNOWN
        reply.result.CopyFrom(from_value(function.returns, result))

    async def stop_provider(self, _: pb.StopProvider.Request, __: pb.StopProvider.Response) -> None:
        """Only tell what waits: Terraform still wants the results of what is running."""
        self.stop.set()

    def _resource(self, type_name: str) -> Resource:
        resource: Resource = self._configured.make(named(self._resources, type_name, "resource"))
        return resource


_CAPABILITIES = pb.ServerCapabilities(plan_destroy=True, get_provider_schema_optional=True, move_resource_state=True)


async def _act(resource: Resource, prior: State | None, planned: State | None) -> State | None:
    if planned is None:
        if prior is not None:
            await resource.delete(prior)
        return None
    made: State | None = await (resource.create(planned) if prior is None else resource.update(prior, planned))
    if made is None:
        raise TypeError("it returned no state")
    return made


def _record(reply: pb.ApplyResourceChange.Response, resource: Resource, state: State | None, private: bytes) -> None:
    """Let Terraform record the state. It never fails: what exists must not be forgotten."""
    if state is not None:
        reply.new_state.CopyFrom(known_state(resource.schema, state))
        reply.private = private_of(state, private)
        identify(reply.new_identity, resource, state)


def _event(resource: type[Resource], listed: ListedObject, *, with_object: bool) -> pb.ListResource.Event:
    event = pb.ListResource.Event(display_name=listed.display_name, identity=identity_data(resource, listed.state))
    if with_object:
        event.resource_object.CopyFrom(from_state(resource.schema, listed.state))
    return event
