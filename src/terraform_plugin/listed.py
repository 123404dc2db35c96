"""What exists, for `terraform query`: the RPCs about list resources. Terraform 1.14 and newer.

Source: RPCs `ValidateListResourceConfig` and `ListResource` (a stream of events) of protocol 6.10.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.configured import Configurations
from terraform_plugin.identity import identity_data
from terraform_plugin.list_resource import Listed, ListResource
from terraform_plugin.messages import from_state, to_config
from terraform_plugin.provider import Resource
from terraform_plugin.refusals import named, refuse_mistakes


class ListCalls:
    """The RPCs about list resources, for the service that knows them."""

    _list_resources: dict[str, type[ListResource]]
    _configured: Configurations

    async def validate_list_resource_config(
        self, request: pb.ValidateListResourceConfig.Request, _: pb.ValidateListResourceConfig.Response
    ) -> None:
        listing = named(self._list_resources, request.type_name, "list resource")
        refuse_mistakes(listing, to_config(listing.schema, request.config))

    async def list_resource(self, request: pb.ListResource.Request) -> AsyncIterator[pb.ListResource.Event]:
        """Yield at most `limit` events; 0 is no limit."""
        kind = named(self._list_resources, request.type_name, "list resource")
        listing: ListResource = self._configured.make(kind)
        count = 0
        async for found in listing.list(to_config(kind.schema, request.config)):
            yield _event(kind.resource, found, whole=request.include_resource_object)
            count += 1
            if count == request.limit:
                return


def _event(resource: type[Resource], found: Listed, *, whole: bool) -> pb.ListResource.Event:
    event = pb.ListResource.Event(display_name=found.display_name, identity=identity_data(resource, found.state))
    if whole:
        event.resource_object.CopyFrom(from_state(resource.schema, found.state))
    return event
