"""A provider's process, started the way Terraform starts it, and talked to over real sockets and real TLS."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from resource import RLIMIT_NOFILE, prlimit

import pytest
from google.protobuf.empty_pb2 import Empty
from grpclib.client import Channel, UnaryUnaryMethod
from grpclib.const import Status
from grpclib.exceptions import GRPCError, StreamTerminatedError

from terraform_plugin._protocol import go_plugin_pb2
from terraform_plugin.server.serve import COOKIE, reattach_value
from terraform_plugin.testing import ProtocolClient, Response, Terraform, TerraformFailed
from terraform_plugin.testing.client_certificate import ClientCertificate, new_client_certificate
from tests.terraform_plugin.conftest import ECHO
from tests.terraform_plugin.echo_provider import SOURCE, EchoProvider
from tests.terraform_plugin.started import Started

TEXT = 'resource "echo_text" "this" { text = "hello" }'
SLOW = 'resource "echo_text" "this" {\n  text    = "hello"\n  seconds = 600\n}'


@pytest.fixture
def client() -> ClientCertificate:
    """What Go makes: a P-521 key with a certificate signed with itself."""
    return new_client_certificate()


@pytest.fixture
def started(tmp_path: Path, client: ClientCertificate) -> Iterator[Started]:
    provider = Started(client=client, folder=tmp_path)
    yield provider
    provider.process.terminate()
    assert provider.end()[0] == 0


async def shut_down(channel: Channel) -> None:
    method = UnaryUnaryMethod(channel, "/plugin.GRPCController/Shutdown", go_plugin_pb2.Empty, go_plugin_pb2.Empty)
    assert await method(go_plugin_pb2.Empty()) == go_plugin_pb2.Empty()


async def echoed(client: ProtocolClient, text: str, seconds: int | None = None) -> Response:
    config = {"text": text, "seconds": seconds}
    return await client.apply("echo_text", config, await client.plan("echo_text", config))


def test_the_handshake_is_one_line_of_six_fields(started: Started) -> None:
    """Core protocol 1, plugin protocol 6, a socket that only this user can reach, gRPC, and an unpadded certificate."""
    core, plugin, network, address, transport, certificate = started.fields

    assert (core, plugin, network, transport) == ("1", "6", "unix", "grpc")
    assert Path(address).is_socket()
    assert Path(address).parent.stat().st_mode & 0o777 == 0o700
    assert re.fullmatch(r"[A-Za-z0-9+/]{50,}", certificate)


async def test_nothing_else_reaches_stdout(started: Started) -> None:
    """Output of a provider's code goes to stderr, and the pipe is closed after the line."""

    assert started.process.stdout
    assert started.process.stdout.read() == ""
    async with started.connected() as client:
        assert (await echoed(client, "hello")).value["echo"] == "hello"
    started.process.terminate()
    assert "what an author prints\n" in started.process.communicate()[1]


@pytest.mark.parametrize("cookie", [None, "something else"])
def test_a_person_who_starts_it_reads_what_it_is(cookie: str | None) -> None:
    """On stderr, with exit status 1."""
    environment = {COOKIE[0]: cookie} if cookie else {}
    done = subprocess.run(ECHO, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert "This is a Terraform provider (terraform.test/examples/echo)." in done.stderr
    assert "terraform init" in done.stderr


@pytest.mark.parametrize("network", ["unix", "tcp"])
async def test_the_announced_client_is_served(tmp_path: Path, client: ClientCertificate, network: str) -> None:
    """TLS both ways over each kind of socket, HTTP/2 agreed upon."""
    provider = Started(f"--{network}", client=client, folder=tmp_path, PLUGIN_MIN_PORT="10000", PLUGIN_MAX_PORT="25000")

    async with provider.connected() as connected:
        assert (await echoed(connected, "hello")).value["echo"] == "hello"
    async with provider.channel(provider.tls(client)) as channel:
        await shut_down(channel)
    assert provider.fields[2] == network
    assert provider.end()[0] == 0


@pytest.mark.parametrize("network", ["unix", "tcp"])
@pytest.mark.parametrize("stranger", ["without a certificate", "with another certificate", "without TLS"])
async def test_only_terraforms_certificate_is_served(
    tmp_path: Path, client: ClientCertificate, network: str, stranger: str
) -> None:
    """Whoever opens the socket needs the key of the certificate that Terraform announced."""
    provider = Started(f"--{network}", client=client, folder=tmp_path)
    shown = new_client_certificate() if stranger == "with another certificate" else None
    context = None if stranger == "without TLS" else provider.tls(shown)

    async with provider.channel(context) as channel:
        with pytest.raises((StreamTerminatedError, OSError)):
            await ProtocolClient(channel, EchoProvider()).call("GetProviderSchema")
    async with provider.connected() as connected:
        assert (await connected.call("GetProviderSchema")).provider.block.description == "Echoes."
    provider.process.terminate()
    assert provider.end()[0] == 0


def test_http2_is_agreed_upon(started: Started) -> None:
    """Go's gRPC refuses a server without ALPN."""
    with socket.socket(socket.AF_UNIX) as plain:
        plain.connect(started.fields[3])
        with started.tls(started.client).wrap_socket(plain, server_hostname="localhost") as connection:
            assert connection.selected_alpn_protocol() == "h2"


async def test_without_tls_the_folder_protects(tmp_path: Path) -> None:
    """Terraform announces no certificate under TF_DISABLE_PLUGIN_TLS: five fields, plaintext."""
    provider = Started(client=None, folder=tmp_path)

    async with provider.connected() as connected:
        assert (await echoed(connected, "hello")).value["echo"] == "hello"
    assert len(provider.fields) == 5
    assert Path(provider.fields[3]).parent.stat().st_mode & 0o777 == 0o700
    provider.process.terminate()
    assert provider.end()[0] == 0


def test_tcp_without_tls_is_refused(tmp_path: Path) -> None:
    """Any local user could connect. Terraform shows the line."""
    provider = Started("--tcp", client=None, folder=tmp_path)

    assert provider.line.startswith("Refused to serve without TLS: ")
    assert "Unset TF_DISABLE_PLUGIN_TLS." in provider.line
    assert provider.end() == (1, "", "")


def test_a_start_that_fails_says_why_in_one_line(tmp_path: Path) -> None:
    """Not as a handshake, and without a traceback."""
    provider = Started(client=None, folder=tmp_path, PLUGIN_CLIENT_CERT="no | certificate")

    assert provider.line.startswith("Invalid client certificate: The variable PLUGIN_CLIENT_CERT")
    assert "|" not in provider.line
    assert provider.end() == (1, "", "")


def test_terraform_shows_why_a_start_failed(echo: Terraform) -> None:
    """The user reads it without TF_LOG."""
    echo.environ |= {"PLUGIN_UNIX_SOCKET_DIR": "/dev/null"}

    with pytest.raises(TerraformFailed, match="No folder for the socket: Tried to make a folder in /dev/null"):
        echo.plan(TEXT)


async def test_the_handshake_comes_before_the_provider_is_imported(tmp_path: Path, client: ClientCertificate) -> None:
    """A call waits until the import has ended."""
    imported = tmp_path / "imported"
    provider = Started(client=client, folder=tmp_path, ECHO_WAIT=str(imported))

    assert provider.fields[0] == "1"
    async with provider.connected() as connected:
        call = asyncio.create_task(echoed(connected, "hello"))
        imported.touch()
        assert (await call).value["echo"] == "hello"
    provider.process.terminate()
    assert provider.end()[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_provider_is_imported_counts(
    tmp_path: Path, client: ClientCertificate, number: signal.Signals
) -> None:
    """SIGINT is ignored. SIGTERM ends the process when the import has ended."""
    imported = tmp_path / "imported"
    provider = Started(client=client, folder=tmp_path, ECHO_WAIT=str(imported))

    provider.process.send_signal(number)
    imported.touch()
    if number is signal.SIGINT:
        provider.process.terminate()

    assert provider.end()[0] == 0


async def test_a_provider_that_cannot_be_imported_says_so_in_every_response(
    tmp_path: Path, client: ClientCertificate
) -> None:
    """Terraform has read the handshake by then, and shows the status of a call."""
    provider = Started(client=client, folder=tmp_path, ECHO_FAIL="no module named echo", TF_LOG="error")

    async with provider.channel(provider.tls(client)) as channel:
        for path in ("/tfplugin6.Provider/GetProviderSchema", "/plugin.GRPCController/Shutdown"):
            with pytest.raises(GRPCError) as refused:
                await UnaryUnaryMethod(channel, path, Empty, Empty)(Empty())
            assert refused.value.status is Status.INTERNAL
            assert refused.value.message == "the provider cannot start: ImportError('no module named echo')"
    provider.process.terminate()
    code, out, log = provider.end()
    assert (code, out) == (1, "")
    assert '"@message": "the provider cannot be served"' in log


def test_terraform_shows_why_a_provider_cannot_be_imported(echo: Terraform) -> None:
    """The user reads it without TF_LOG, and no traceback."""
    echo.environ |= {"ECHO_FAIL": "no module named echo"}

    with pytest.raises(TerraformFailed, match="the provider cannot start: ImportError") as failed:
        echo.plan(TEXT)
    assert "Traceback" not in str(failed.value)


async def test_shutdown_ends_a_process_in_which_a_call_hangs(tmp_path: Path, client: ClientCertificate) -> None:
    """Terraform sends it at the second interrupt, and kills the process two seconds later."""
    provider = Started(client=client, folder=tmp_path, TF_LOG_PROVIDER_ECHO="info")

    async with provider.connected() as connected, provider.channel(provider.tls(client)) as channel:
        call = asyncio.create_task(echoed(connected, "hello", seconds=600))
        await asyncio.to_thread(provider.logged, "creating")
        await shut_down(channel)
        with pytest.raises((StreamTerminatedError, GRPCError)):
            await call
    assert provider.end()[0] == 0


async def test_shutdown_ends_an_idle_process(tmp_path: Path, client: ClientCertificate) -> None:
    """Nothing is written, and the exit status is 0."""
    provider = Started(client=client, folder=tmp_path)

    async with provider.channel(provider.tls(client)) as channel:
        await shut_down(channel)
    assert provider.end() == (0, "", "")


async def test_sigint_is_survived(tmp_path: Path, client: ClientCertificate) -> None:
    """Ctrl-C reaches the provider, too; Terraform decides what it means."""
    provider = Started(client=client, folder=tmp_path, TF_LOG="info")

    async with provider.connected() as connected:
        assert (await echoed(connected, "before")).value["echo"] == "before"
        provider.process.send_signal(signal.SIGINT)
        assert (await echoed(connected, "hello")).value["echo"] == "hello"
    provider.process.terminate()
    code, _, log = provider.end()
    assert code == 0
    assert '"@message": "ignored an interrupt: Terraform handles it"' in log


def test_the_process_ends_with_its_parent(tmp_path: Path, client: ClientCertificate) -> None:
    """Terraform was killed and cannot send a shutdown request."""
    code = f"import subprocess, sys\nsubprocess.Popen({ECHO!r})\nsys.stdin.read()"
    environment = {
        COOKIE[0]: COOKIE[1],
        "PLUGIN_PROTOCOL_VERSIONS": "6",
        "PLUGIN_CLIENT_CERT": client.pem,
        "PLUGIN_UNIX_SOCKET_DIR": str(tmp_path),
    }
    parent = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert parent.stdout
    assert parent.stderr
    assert parent.stdout.readline().startswith("1|6|unix|")

    parent.kill()

    assert parent.stderr.read() == ""  # the provider held the pipe, too
    parent.communicate()
    assert list(tmp_path.iterdir()) == []


async def test_connections_without_a_handshake_do_not_use_up_the_descriptors(started: Started) -> None:
    """As many as a process with 64 descriptors can accept: Terraform is served as soon as they are gone."""
    prlimit(started.process.pid, RLIMIT_NOFILE, (64, 64))
    others = [socket.socket(socket.AF_UNIX) for _ in range(57)]
    for other in others:
        other.connect(started.fields[3])
    for other in others:
        other.close()

    # It comes last in the queue, so the provider accepts all the others before.
    async with started.connected() as connected:
        assert (await echoed(connected, "hello")).value["echo"] == "hello"


async def test_large_values_pass(started: Started) -> None:
    """Five megabytes in each direction; gRPC libraries stop at four by default."""
    text = "x" * 5_000_000

    async with started.connected() as client:
        assert (await echoed(client, text)).value["echo"] == text


async def test_many_calls_run_at_once(started: Started) -> None:
    """With any value of -parallelism. A stop request is received meanwhile."""
    async with started.connected() as client:
        calls = [asyncio.create_task(echoed(client, f"text {number}", seconds=600)) for number in range(50)]
        await client.stop()
        answers = await asyncio.gather(*calls)

    for answer in answers:
        assert [found.summary for found in answer.errors] == ["Interrupted"]


async def test_an_rpc_of_another_protocol_is_unimplemented(started: Started) -> None:
    """Terraform treats it as a feature that the provider does not have."""
    async with started.channel(started.tls(started.client)) as channel:
        with pytest.raises(GRPCError) as refused:
            await UnaryUnaryMethod(channel, "/tfplugin6.Provider/NoSuchThing", Empty, Empty)(Empty())
        assert refused.value.status is Status.UNIMPLEMENTED


def test_a_terraform_without_protocol_6_is_noticed(tmp_path: Path) -> None:
    """Terraform reports it, and so does the log."""
    provider = Started(client=None, folder=tmp_path, PLUGIN_PROTOCOL_VERSIONS="5", TF_LOG="warn")
    provider.process.terminate()

    assert provider.fields[:2] == ["1", "6"]
    assert "this Terraform does not offer plugin protocol 6" in provider.end()[2]


def test_terraform_logs_what_the_provider_logs(echo: Terraform) -> None:
    """With level, module and fields, under TF_LOG."""
    echo.apply(TEXT)

    assert re.search(r"\[INFO\]  provider\.terraform-provider-echo_v1\.0\.0: creating: .*length=5", echo.log)
    assert "plugin failed to exit gracefully" not in echo.log


def test_terraform_without_tls_is_served(echo: Terraform) -> None:
    """The user turned TLS off."""
    echo.environ["TF_DISABLE_PLUGIN_TLS"] = "1"

    echo.apply(TEXT)

    assert echo.state()["echo_text.this"]["echo"] == "hello"


def test_an_interrupted_apply_ends_soon_and_keeps_its_state(echo: Terraform) -> None:
    """After Ctrl-C, Terraform sends a stop request. The provider reports the interruption, and the state is written."""
    echo.init(SLOW)
    printed = ""
    with echo.start("apply", "-auto-approve", "-no-color", "-input=false") as running:
        assert running.stdout
        while "Creating..." not in printed:
            printed += running.stdout.readline()
        os.killpg(running.pid, signal.SIGINT)
        printed += running.stdout.read()

    assert running.returncode == 1
    assert "Error: Interrupted" in printed
    assert "Run the same command again" in " ".join(printed.split())
    assert json.loads((echo.folder / "terraform.tfstate").read_text())["resources"] == []


def test_a_debugged_provider_serves_many_commands(echo: Terraform, tmp_path: Path) -> None:
    """It prints what Terraform needs to find it, outlives each command, and ends with Ctrl-C."""
    sockets = tmp_path / "sockets"
    sockets.mkdir()
    environment = {"PLUGIN_UNIX_SOCKET_DIR": str(sockets)}
    printed = ""
    with subprocess.Popen([*ECHO, "--debug"], env=environment, stdout=subprocess.PIPE, text=True) as debugged:
        assert debugged.stdout
        while "Ctrl-C" not in printed:
            printed += debugged.stdout.readline()
        found = re.search("export TF_REATTACH_PROVIDERS='(.*)'", printed)
        assert found
        echo.environ["TF_REATTACH_PROVIDERS"] = found[1]
        echo.apply(TEXT)
        echo.destroy()
        debugged.send_signal(signal.SIGINT)
        assert "what an author prints" in debugged.stdout.read()

    assert debugged.returncode == 0
    assert list(sockets.iterdir()) == []
    assert json.loads(found[1])[SOURCE]["Pid"] == debugged.pid


def test_the_reattach_value_is_what_go_plugin_parses() -> None:
    """`Test` must be true: Terraform takes the version for 5 and crashes otherwise."""
    value = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": 7, "Test": True}

    assert json.loads(reattach_value(SOURCE, 7, "/a/socket")) == {
        SOURCE: value | {"Addr": {"Network": "unix", "String": "/a/socket"}}
    }


def test_debugging_without_unix_sockets_is_refused() -> None:
    """There is no TLS in this mode."""
    done = subprocess.run([*ECHO, "--debug", "--tcp"], env={}, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert "--debug needs unix sockets" in done.stderr
