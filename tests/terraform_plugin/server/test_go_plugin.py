"""go-plugin's own services, called over HTTP/2 in memory."""

import asyncio

import pytest
from google.protobuf.empty_pb2 import Empty as NoArguments
from grpclib.client import Channel, StreamStreamMethod, UnaryStreamMethod, UnaryUnaryMethod
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from terraform_plugin._protocol.go_plugin_pb2 import ConnInfo, Empty, StdioData
from terraform_plugin._protocol.health_pb2 import HealthCheckRequest, HealthCheckResponse
from terraform_plugin.server.go_plugin import GoPlugin
from terraform_plugin.testing.channel import channel_to


async def health(channel: Channel, service: str = "") -> int:
    check = UnaryUnaryMethod(channel, "/grpc.health.v1.Health/Check", HealthCheckRequest, HealthCheckResponse)
    return (await check(HealthCheckRequest(service=service))).status


async def test_a_shutdown_request_gets_a_response() -> None:
    """The client gets a response, and the process is told to end."""
    plugin = GoPlugin()
    async with channel_to([plugin]) as channel:
        assert not plugin.shutdown.is_set()
        answer = await UnaryUnaryMethod(channel, "/plugin.GRPCController/Shutdown", Empty, Empty)(Empty())
        assert answer == Empty()
        await asyncio.wait_for(plugin.shutdown.wait(), 5)


async def test_stdio_is_an_empty_stream() -> None:
    """Nothing is sent over the stream for stdio, because Terraform would log it as unexpected."""
    async with channel_to([GoPlugin()]) as channel:
        method = UnaryStreamMethod(channel, "/plugin.GRPCStdio/StreamStdio", NoArguments, StdioData)
        assert await method(NoArguments()) == []


async def test_the_stream_of_the_broker_ends_with_the_client() -> None:
    """The broker's stream stays open, whatever the client sends, until the client ends it."""
    plugin = GoPlugin()
    async with channel_to([plugin]) as channel:
        method = StreamStreamMethod(channel, "/plugin.GRPCBroker/StartStream", ConnInfo, ConnInfo)
        async with method.open() as stream:
            await stream.send_message(ConnInfo(service_id=1))
            await health(channel)
            assert plugin.connected.is_set()
            assert not plugin.disconnected.is_set()
            await stream.end()
            assert await stream.recv_message() is None
        assert plugin.disconnected.is_set()


async def test_the_brokers_stream_tells_when_the_connection_broke() -> None:
    """A client that was killed does not close its streams."""
    plugin = GoPlugin()
    async with channel_to([plugin]) as channel:
        method = StreamStreamMethod(channel, "/plugin.GRPCBroker/StartStream", ConnInfo, ConnInfo)
        async with method.open() as stream:
            await stream.send_message(ConnInfo())
            await health(channel)
            await stream.cancel()
        await asyncio.wait_for(plugin.disconnected.wait(), 5)


@pytest.mark.parametrize("service", ["plugin", ""])
async def test_the_process_is_healthy(service: str) -> None:
    """go-plugin asks about the service `plugin`."""
    async with channel_to([GoPlugin()]) as channel:
        assert await health(channel, service) == HealthCheckResponse.SERVING


async def test_the_health_of_another_service_is_not_found() -> None:
    """gRPC's health checking protocol has NOT_FOUND for an unknown service."""
    async with channel_to([GoPlugin()]) as channel:
        with pytest.raises(GRPCError) as refused:
            await health(channel, "other")
        assert refused.value.status is Status.NOT_FOUND
