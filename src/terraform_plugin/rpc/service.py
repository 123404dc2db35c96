"""Terraform's calls: one short method per RPC that decodes, calls and encodes.

A method fills in `response`. What it raises becomes diagnostics in the response, in addition to everything filled in
before. `_methods` lists the method of each RPC; an RPC without one is answered as by a provider that offers nothing of
the kind. Source: service `tfplugin6.Provider` (docs/design/0008-sources.md#plugin-protocol).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TypeVar

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.diagnostics import Error
from terraform_plugin.grpc.server import Handlers
from terraform_plugin.list_resource import ListedObject, ListResource
from terraform_plugin.masking import mask
from terraform_plugin.planning.plan import plan
from terraform_plugin.provider import Late, Provider
from terraform_plugin.resource import Change, MoveSource, Resource, kept_state
from terraform_plugin.rpc.checks import (
    cannot_move,
    check_config,
    check_known,
    check_returned,
    state_too_new,
    values_missing,
)
from terraform_plugin.rpc.configurations import Configurations
from terraform_plugin.rpc.convert import (
    decode_arguments,
    decode_config,
    decode_raw_state,
    decode_state,
    decode_value,
    encode_recordable,
    encode_state,
    encode_value,
    private_of,
)
from terraform_plugin.rpc.diagnostics import path_message
from terraform_plugin.rpc.dispatch import Method, handlers
from terraform_plugin.rpc.identity import (
    add_identity,
    decode_identity,
    decode_raw_identity,
    identity_data,
    identity_schema,
)
from terraform_plugin.rpc.schemas import function_message, schema_message
from terraform_plugin.state.objects import sensitive_texts
from terraform_plugin.state.state import State
from terraform_plugin.state.state_json import from_json, is_private_of_older_sdk, without_empty_timeouts

T = TypeVar("T")


class ProviderService:
    """Serves one provider. `stop` is set when Terraform asks to stop."""

    def __init__(self, provider: Provider, stop: asyncio.Event) -> None:
        self.provider = provider
        self.stop = stop
        self._configurations = Configurations(provider)
        self._resources = _by_name(provider.resources, lambda resource: resource.type_name)
        self._data_sources = _by_name(provider.data_sources, lambda source: source.type_name)
        self._list_resources = _by_name(provider.list_resources, lambda listing: listing.resource.type_name)
        self._functions = _by_name(provider.functions, lambda function: function.name)

    def handlers(self) -> Handlers:
        service = pb.DESCRIPTOR.services_by_name["Provider"]
        return handlers(service, self._methods(), {"ListResource": self.list_resource}, self.stop)

    def _methods(self) -> Mapping[str, Method]:
        return {
            "GetMetadata": self.get_metadata,
            "GetProviderSchema": self.get_provider_schema,
            "GetFunctions": self.get_functions,
            "GetResourceIdentitySchemas": self.get_resource_identity_schemas,
            "ValidateProviderConfig": self.validate_provider_config,
            "ValidateResourceConfig": self.validate_resource_config,
            "ValidateDataResourceConfig": self.validate_data_resource_config,
            "ValidateListResourceConfig": self.validate_list_resource_config,
            "ConfigureProvider": self.configure_provider,
            "UpgradeResourceState": self.upgrade_resource_state,
            "UpgradeResourceIdentity": self.upgrade_resource_identity,
            "MoveResourceState": self.move_resource_state,
            "ImportResourceState": self.import_resource_state,
            "ReadResource": self.read_resource,
            "PlanResourceChange": self.plan_resource_change,
            "ApplyResourceChange": self.apply_resource_change,
            "ReadDataSource": self.read_data_source,
            "CallFunction": self.call_function,
            "StopProvider": self.stop_provider,
        }

    async def close(self) -> None:
        """Release what the provider holds. Called when the process ends."""
        await self._configurations.close()

    # What the provider offers

    async def get_metadata(self, _: pb.GetMetadata.Request, response: pb.GetMetadata.Response) -> None:
        response.server_capabilities.CopyFrom(_CAPABILITIES)
        for name in self._resources:
            response.resources.add(type_name=name)
        for name in self._data_sources:
            response.data_sources.add(type_name=name)
        for name in self._list_resources:
            response.list_resources.add(type_name=name)
        for name in self._functions:
            response.functions.add(name=name)

    async def get_provider_schema(
        self, _: pb.GetProviderSchema.Request, response: pb.GetProviderSchema.Response
    ) -> None:
        response.server_capabilities.CopyFrom(_CAPABILITIES)
        response.provider.CopyFrom(schema_message(self.provider.schema))
        for name, resource in self._resources.items():
            response.resource_schemas[name].CopyFrom(schema_message(resource.schema))
        for name, source in self._data_sources.items():
            response.data_source_schemas[name].CopyFrom(schema_message(source.schema))
        for name, listing in self._list_resources.items():
            response.list_resource_schemas[name].CopyFrom(schema_message(listing.schema))
        for name, function in self._functions.items():
            response.functions[name].CopyFrom(function_message(function))

    async def get_functions(self, _: pb.GetFunctions.Request, response: pb.GetFunctions.Response) -> None:
        for name, function in self._functions.items():
            response.functions[name].CopyFrom(function_message(function))

    # Configurations

    async def validate_provider_config(
        self, request: pb.ValidateProviderConfig.Request, _: pb.ValidateProviderConfig.Response
    ) -> None:
        check_config(self.provider, decode_config(self.provider.schema, request.config))

    async def validate_resource_config(
        self, request: pb.ValidateResourceConfig.Request, _: pb.ValidateResourceConfig.Response
    ) -> None:
        resource = _lookup(self._resources, request.type_name, "resource")
        allowed = request.client_capabilities.write_only_attributes_allowed
        check_config(resource, decode_config(resource.schema, request.config), write_only_allowed=allowed)

    async def validate_data_resource_config(
        self, request: pb.ValidateDataResourceConfig.Request, _: pb.ValidateDataResourceConfig.Response
    ) -> None:
        source = _lookup(self._data_sources, request.type_name, "data source")
        check_config(source, decode_config(source.schema, request.config))

    async def configure_provider(self, request: pb.ConfigureProvider.Request, _: pb.ConfigureProvider.Response) -> None:
        config = decode_arguments(self.provider.schema, request.config)
        # Secrets are registered before the provider sees them: an error of `configure` itself may quote one.
        for secret in sensitive_texts(self.provider.schema, config):
            mask(secret)
        self.stop.clear()  # in debug mode, one process serves several runs of Terraform, each of which may be stopped
        await self._configurations.configure(config)

    # Resources

    async def upgrade_resource_state(
        self, request: pb.UpgradeResourceState.Request, response: pb.UpgradeResourceState.Response
    ) -> None:
        # Terraform calls this for every resource in the state at every plan, also if the version is the current one,
        # and before it configures the provider. What the file holds is read leniently: a user may have edited it.
        resource = _lookup(self._resources, request.type_name, "resource")
        if request.version > resource.schema.version:
            raise state_too_new(request.version, resource)
        raw = decode_raw_state(request.raw_state)
        upgraded = resource.upgrade(request.version, raw)
        check_returned("upgrade", upgraded, dict, "a dict")
        state = from_json(resource.schema, upgraded)
        response.upgraded_state.CopyFrom(encode_state(resource.schema, state))

    async def move_resource_state(
        self, request: pb.MoveResourceState.Request, response: pb.MoveResourceState.Response
    ) -> None:
        resource = _lookup(self._resources, request.target_type_name, "resource")
        source = MoveSource(
            request.source_provider_address,
            request.source_type_name,
            request.source_schema_version,
            decode_raw_state(request.source_state),
            request.source_private,
        )
        state = resource.move(source)
        if state is None:
            raise cannot_move(source, resource)
        values = from_json(resource.schema, check_known(resource, state, "move"))
        response.target_state.CopyFrom(encode_state(resource.schema, values))
        response.target_private = private_of(state)

    async def import_resource_state(
        self, request: pb.ImportResourceState.Request, response: pb.ImportResourceState.Response
    ) -> None:
        resource = self._resource(request.type_name)
        if request.HasField("identity"):  # an import block of Terraform 1.12 or newer names an identity or an id
            state = await resource.import_identity(decode_identity(resource, request.identity))
        else:
            state = await resource.import_state(request.id)
        imported = response.imported_resources.add(type_name=request.type_name, private=private_of(state))
        imported.state.CopyFrom(encode_state(resource.schema, check_known(resource, state, "import")))
        add_identity(imported.identity, resource, state)

    async def read_resource(self, request: pb.ReadResource.Request, response: pb.ReadResource.Response) -> None:
        resource = self._resource(request.type_name)
        prior = decode_state(resource.schema, request.current_state, request.private)
        if prior is not None and is_private_of_older_sdk(request.private):
            prior = State(without_empty_timeouts(resource.schema, prior), private=request.private)
        state = None if prior is None else await resource.read(prior)
        if state is not None:  # an empty response tells Terraform that the object no longer exists
            response.new_state.CopyFrom(encode_state(resource.schema, check_known(resource, state, "read")))
            response.private = private_of(state, request.private)
            add_identity(response.new_identity, resource, state)

    async def plan_resource_change(
        self, request: pb.PlanResourceChange.Request, response: pb.PlanResourceChange.Response
    ) -> None:
        resource = self._resource(request.type_name)
        prior = decode_state(resource.schema, request.prior_state, request.prior_private)
        config = decode_state(resource.schema, request.config)
        # Terraform's own proposal (`proposed_new_state`) is not used: it does not match the elements of sets.
        change = await resource.plan(plan(resource.schema, prior, config, request.prior_private))
        check_returned("plan", change, Change, "a Change")
        response.planned_private = private_of(change.planned, b"" if prior is None else request.prior_private)
        if config is not None and change.planned is not None:
            response.planned_state.CopyFrom(encode_state(resource.schema, change.planned))
            add_identity(response.planned_identity, resource, change.planned)
            if prior is not None:
                response.requires_replace.extend(map(path_message, change.requires_replace))

    async def apply_resource_change(
        self, request: pb.ApplyResourceChange.Request, response: pb.ApplyResourceChange.Response
    ) -> None:
        resource, private = self._resource(request.type_name), request.planned_private
        prior = decode_state(resource.schema, request.prior_state, private)
        config = decode_config(resource.schema, request.config)
        planned = decode_state(resource.schema, request.planned_state, private, config)
        with kept_state() as kept:
            try:
                state = await _apply(resource, prior, planned)
            except (Exception, SystemExit):
                # Terraform records the state of a response even if it has errors. Without one it would forget what the
                # operation had already created.
                _record(response, resource, kept[-1] if kept else prior, private)
                raise
        if errors := _record(response, resource, state, private):
            raise ExceptionGroup("the new state is not valid", errors)

    # Identities: the attributes that identify one object. Terraform 1.12 and newer request them.

    async def get_resource_identity_schemas(
        self, _: pb.GetResourceIdentitySchemas.Request, response: pb.GetResourceIdentitySchemas.Response
    ) -> None:
        for name, resource in self._resources.items():
            if resource.identity:
                response.identity_schemas[name].CopyFrom(identity_schema(resource))

    async def upgrade_resource_identity(
        self, request: pb.UpgradeResourceIdentity.Request, response: pb.UpgradeResourceIdentity.Response
    ) -> None:
        resource = _lookup(self._resources, request.type_name, "resource")
        add_identity(response.upgraded_identity, resource, decode_raw_identity(resource, request.raw_identity))

    # List resources, for `terraform query` of Terraform 1.14 and newer. The response is a stream of events.

    async def validate_list_resource_config(
        self, request: pb.ValidateListResourceConfig.Request, _: pb.ValidateListResourceConfig.Response
    ) -> None:
        listing = _lookup(self._list_resources, request.type_name, "list resource")
        check_config(listing, decode_config(listing.schema, request.config))

    async def list_resource(self, request: pb.ListResource.Request) -> AsyncIterator[pb.ListResource.Event]:
        """Yield at most `limit` events; 0 means that there is no limit."""
        class_ = _lookup(self._list_resources, request.type_name, "list resource")
        listing: ListResource = self._configurations.instance(class_)
        count = 0
        async for listed in listing.list(decode_arguments(class_.schema, request.config)):
            yield _event(class_.resource, listed, with_object=request.include_resource_object)
            count += 1
            if count == request.limit:
                return

    # Data sources and functions

    async def read_data_source(self, request: pb.ReadDataSource.Request, response: pb.ReadDataSource.Response) -> None:
        source = self._configurations.instance(_lookup(self._data_sources, request.type_name, "data source"))
        state = await source.read(decode_arguments(source.schema, request.config))
        response.state.CopyFrom(encode_state(source.schema, check_known(source, state, "read")))

    async def call_function(self, request: pb.CallFunction.Request, response: pb.CallFunction.Response) -> None:
        function = _lookup(self._functions, request.name, "function")
        types = [parameter.type for parameter in function.parameters_of(len(request.arguments))]
        arguments = [decode_value(*argument) for argument in zip(types, request.arguments, strict=True)]
        response.result.CopyFrom(encode_value(function.returns, function.result_of(arguments)))

    async def stop_provider(self, _: pb.StopProvider.Request, __: pb.StopProvider.Response) -> None:
        """Only stop what waits. Terraform still wants the results of running operations."""
        self.stop.set()

    def _resource(self, type_name: str) -> Resource:
        resource: Resource = self._configurations.instance(_lookup(self._resources, type_name, "resource"))
        return resource


_CAPABILITIES = pb.ServerCapabilities(plan_destroy=True, get_provider_schema_optional=True, move_resource_state=True)


def _by_name(offered: Sequence[type[T]], name_of: Callable[[type[T]], str]) -> Mapping[str, type[T]]:
    if isinstance(offered, Late):
        return offered.by_name
    by_name: dict[str, type[T]] = {}
    for one in offered:
        name = name_of(one)
        if name in by_name:
            raise ValueError(f"{by_name[name].__name__} and {one.__name__} have the same name, {name}")
        by_name[name] = one
    return by_name


def _lookup(offered: Mapping[str, T], name: str, kind: str) -> T:
    """Return what is offered under a name. Raises `Error` with all names."""
    if name not in offered:
        names = ", ".join(sorted(offered)) or f"no {kind}"
        raise Error(f"There is no {kind} {name}", f"This version of the provider offers {names}.")
    return offered[name]


async def _apply(resource: Resource, prior: State | None, planned: State | None) -> State | None:
    if planned is None:
        if prior is not None:
            await resource.delete(prior)
        return None
    state: State = await (resource.create(planned) if prior is None else resource.update(prior, planned))
    check_returned("create" if prior is None else "update", state, dict, "a State")
    return state


def _record(
    response: pb.ApplyResourceChange.Response, resource: Resource, state: State | None, private: bytes
) -> list[Exception]:
    """Let Terraform record a state as far as that is possible, and return what is wrong with the rest.

    It never raises: what exists must not be forgotten because a part of its state is wrong.
    """
    if state is None:
        return []
    message, unknown, misfit = encode_recordable(resource.schema, state)
    response.new_state.CopyFrom(message)
    private = private_of(state, private)
    response.private = b"" if is_private_of_older_sdk(private) else private  # from now on, the state is ours
    errors: list[Exception] = [values_missing(resource, unknown, "apply")] if unknown else []
    if misfit:
        return [*errors, misfit]  # an identity that does not fit could not be encoded either
    add_identity(response.new_identity, resource, state)
    return errors


def _event(resource: type[Resource], listed: ListedObject, *, with_object: bool) -> pb.ListResource.Event:
    event = pb.ListResource.Event(display_name=listed.display_name, identity=identity_data(resource, listed.state))
    if with_object:
        event.resource_object.CopyFrom(encode_state(resource.schema, listed.state))
    return event
