"""The small services that go-plugin, which starts a provider for Terraform, asks of it beside the provider itself.

Source: go-plugin's GRPCController, GRPCStdio and GRPCBroker, and gRPC's health checking protocol.
"""

from __future__ import annotations

import asyncio

from google.protobuf.empty_pb2 import Empty as NoArguments

from terraform_plugin._protocol.go_plugin_pb2 import ConnInfo, Empty, StdioData
from terraform_plugin._protocol.health_pb2 import HealthCheckRequest, HealthCheckResponse
from terraform_plugin.grpc.server import GrpcError, Handler, Handlers, Status, Stream


class GoPlugin:
    """Serves the four of them.

    `shutdown` is set when Terraform wants this process to end; the answer is on its way by then. `came` and `left` are
    set when a client shows up and when it is gone.
    """

    def __init__(self) -> None:
        self.shutdown = asyncio.Event()
        self.came = asyncio.Event()
        self.left = asyncio.Event()

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
        """Forward nothing: what is printed goes to stderr, which Terraform reads without this service."""
        await stream.receive_one()

    async def _broker(self, stream: Stream) -> None:
        """Offer no further connections. The client keeps this stream open for as long as it lives."""
        self.came.set()
        try:
            while await stream.receive() is not None:
                pass
        finally:
            self.left.set()


async def _check(stream: Stream) -> None:
    """Answer for the service that go-plugin asks about, `plugin`, and for the whole process, ``."""
    request = await stream.receive_one()
    if request.service not in ("", "plugin"):
        raise GrpcError(Status.NOT_FOUND, "unknown service")
    await stream.send(HealthCheckResponse(status=HealthCheckResponse.SERVING))
