"""The small services that go-plugin, which starts a provider for Terraform, asks of it beside the provider itself.

Source: go-plugin's GRPCController, GRPCStdio and GRPCBroker, and gRPC's health checking protocol.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.empty_pb2 import Empty as NoArguments
from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpclib.server import Stream

from terraform_plugin._protocol.go_plugin_pb2 import ConnInfo, Empty, StdioData

Method = Callable[[Stream[Any, Any]], Awaitable[None]]


class GoPlugin:
    """Serves the four of them.

    `shutdown` is set when Terraform wants this process to end; the answer is on its way by then. `came` and `left` are
    set when a client shows up and when it is gone.
    """

    def __init__(self) -> None:
        self.shutdown = asyncio.Event()
        self.came = asyncio.Event()
        self.left = asyncio.Event()

    def __mapping__(self) -> dict[str, Handler]:
        unary, duplex = Cardinality.UNARY_UNARY, Cardinality.STREAM_STREAM
        return {
            "/plugin.GRPCController/Shutdown": Handler(self._shut_down, unary, Empty, Empty),
            "/plugin.GRPCStdio/StreamStdio": Handler(self._stdio, Cardinality.UNARY_STREAM, NoArguments, StdioData),
            "/plugin.GRPCBroker/StartStream": Handler(self._broker, duplex, ConnInfo, ConnInfo),
            "/grpc.health.v1.Health/Check": Handler(_check, unary, HealthCheckRequest, HealthCheckResponse),
        }

    async def _shut_down(self, stream: Stream[Empty, Empty]) -> None:
        await stream.recv_message()
        await stream.send_message(Empty())
        await stream.send_trailing_metadata()
        self.shutdown.set()

    async def _stdio(self, stream: Stream[NoArguments, StdioData]) -> None:
        """Forward nothing: what is printed goes to stderr, which Terraform reads without this service."""
        await stream.recv_message()

    async def _broker(self, stream: Stream[ConnInfo, ConnInfo]) -> None:
        """Offer no further connections. The client keeps this stream open for as long as it lives."""
        self.came.set()
        try:
            while await stream.recv_message():
                pass
        finally:
            self.left.set()


async def _check(stream: Stream[HealthCheckRequest, HealthCheckResponse]) -> None:
    """Answer for the service that go-plugin asks about, `plugin`, and for the whole process, ``."""
    request = await stream.recv_message()
    if request is None or request.service not in ("", "plugin"):
        raise GRPCError(Status.NOT_FOUND, "unknown service")
    await stream.send_message(HealthCheckResponse(status=HealthCheckResponse.SERVING))
