"""The services that go-plugin, with which Terraform starts a provider, needs in addition to the provider itself.

Source: go-plugin's GRPCController, GRPCStdio and GRPCBroker (docs/design/0008-sources.md#go-plugin), and gRPC's health
checking protocol.
"""

from __future__ import annotations

import asyncio

from google.protobuf.empty_pb2 import Empty as NoArguments

from terraform_plugin._protocol.go_plugin_pb2 import ConnInfo, Empty, StdioData
from terraform_plugin._protocol.health_pb2 import HealthCheckRequest, HealthCheckResponse
from terraform_plugin.grpc.server import GrpcError, Handler, Handlers, Status, Stream


class GoPlugin:
    """Serves the four services."""

    def __init__(self) -> None:
        self.shutdown = asyncio.Event()
        """Set when Terraform has requested the end of this process; the response is sent by then."""
        self.connected = asyncio.Event()
        """Set when a client opens its broker stream."""
        self.disconnected = asyncio.Event()
        """Set when the broker stream of a client ends."""

    def handlers(self) -> Handlers:
        return {
            "/plugin.GRPCController/Shutdown": Handler(self._shut_down, Empty, Empty),
            "/plugin.GRPCStdio/StreamStdio": Handler(self._stdio, NoArguments, StdioData),
            "/plugin.GRPCBroker/StartStream": Handler(self._broker, ConnInfo, ConnInfo),
            "/grpc.health.v1.Health/Check": Handler(_check, HealthCheckRequest, HealthCheckResponse),
        }

    async def _shut_down(self, stream: Stream) -> None:
        await stream.receive_one()
        await stream.send(Empty())
        stream.finish()
        self.shutdown.set()

    async def _stdio(self, stream: Stream) -> None:
        """Forward nothing: everything that is printed goes to stderr, which Terraform reads without this service."""
        await stream.receive_one()

    async def _broker(self, stream: Stream) -> None:
        """Offer no further connections. A client keeps this stream open until it ends."""
        self.connected.set()
        try:
            while await stream.receive() is not None:
                pass
        finally:
            self.disconnected.set()


async def _check(stream: Stream) -> None:
    """Respond for the service that go-plugin checks, `plugin`, and for the whole process, ``."""
    request = await stream.receive_one()
    if request.service not in ("", "plugin"):
        raise GrpcError(Status.NOT_FOUND, "unknown service")
    await stream.send(HealthCheckResponse(status=HealthCheckResponse.SERVING))
