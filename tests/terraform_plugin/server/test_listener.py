"""Where the provider listens, and who can get there."""

import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from terraform_plugin.diagnostics import Error
from terraform_plugin.server.listener import listen_in, listen_on_loopback, private_folder


def test_the_folder_is_this_users_alone(tmp_path: Path) -> None:
    """Without TLS, only this protects the connection."""
    with private_folder({"PLUGIN_UNIX_SOCKET_DIR": str(tmp_path)}) as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o777 == 0o700


def test_the_folder_is_removed_with_its_contents(tmp_path: Path) -> None:
    """Also after an error."""

    def use() -> None:
        with private_folder({"PLUGIN_UNIX_SOCKET_DIR": str(tmp_path)}) as folder:
            listen_in(folder).socket.close()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        use()
    assert list(tmp_path.iterdir()) == []


def test_the_temporary_folder_is_taken_where_none_is_named(tmp_path: Path) -> None:
    """The first of its variables that names a folder counts. None has to be set."""
    with private_folder({"TMPDIR": str(tmp_path / "missing"), "TEMP": str(tmp_path), "TMP": "/"}, "/") as folder:
        assert folder.parent == tmp_path
    with private_folder({}, str(tmp_path)) as folder:
        assert folder.parent == tmp_path


def test_a_path_too_long_for_a_socket_is_avoided(tmp_path: Path) -> None:
    """The path of the temporary folder can be long, on macOS and in CI. The path of a socket has 104 bytes there."""
    deep, short = tmp_path / ("d" * 100), tmp_path / "s"
    deep.mkdir()
    short.mkdir()

    with private_folder({"PLUGIN_UNIX_SOCKET_DIR": str(deep)}, str(short)) as folder:
        assert folder.parent == short
        assert folder.stat().st_mode & 0o777 == 0o700
        assert list(deep.iterdir()) == []


def test_no_folder_is_an_error_that_names_the_place(tmp_path: Path) -> None:
    """It also names the variable that selects another one."""
    with (
        pytest.raises(Error, match="No folder") as failed,
        private_folder({"PLUGIN_UNIX_SOCKET_DIR": str(tmp_path / "missing")}),
    ):
        pass
    assert str(tmp_path / "missing") in failed.value.detail
    assert "Set TMPDIR" in failed.value.detail


def test_a_unix_socket_is_in_the_folder() -> None:
    """The handshake names its path."""
    with private_folder({}) as folder:
        listener = listen_in(folder)
        assert (listener.network, Path(listener.address).parent) == ("unix", folder)
        assert Path(listener.address).is_socket()
        listener.socket.close()


def test_tcp_is_on_loopback_and_on_a_free_port_within_the_limits() -> None:
    """go-plugin sets the limits. A port that is in use is skipped."""
    with socket.socket() as taken, socket.socket() as free:
        taken.bind(("127.0.0.1", 0))
        free.bind(("127.0.0.1", 0))
        low, high = sorted((taken.getsockname()[1], free.getsockname()[1]))
        free.close()
        limits = {"PLUGIN_MIN_PORT": str(low), "PLUGIN_MAX_PORT": str(high)}
        listener = listen_on_loopback(limits)

    host, _, port = listener.address.partition(":")
    assert (listener.network, host) == ("tcp", "127.0.0.1")
    assert low <= int(port) <= high
    assert listener.socket.getsockname() == ("127.0.0.1", int(port))
    listener.socket.close()


def test_without_limits_the_system_chooses_the_port() -> None:
    """Any free one."""
    listener = listen_on_loopback({})

    assert listener.address == f"127.0.0.1:{listener.socket.getsockname()[1]}"
    listener.socket.close()


def test_no_free_port_is_an_error_that_says_which_were_tried() -> None:
    """All of them are taken."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        with pytest.raises(Error, match=f"from {port} to {port}"):
            listen_on_loopback({"PLUGIN_MIN_PORT": port, "PLUGIN_MAX_PORT": port})


@pytest.mark.parametrize("name", ["with|bar", "with\nbreak", "with\x1bescape", "with\udcffbyte"])
def test_a_path_that_the_handshake_cannot_hold_is_avoided(tmp_path: Path, name: str) -> None:
    """The line has fields separated by bars, and is text."""
    odd, short = tmp_path / name, tmp_path / "s"
    odd.mkdir()
    short.mkdir()
    with private_folder({"TMPDIR": str(odd)}, str(short)) as folder:
        assert folder.parent == short


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder in which the path of a socket is short enough; a test's own may be too deep."""
    with TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize(("mode", "safe"), [(0o700, True), (0o755, True), (0o1777, True), (0o777, False)])
def test_without_tls_no_other_user_can_rename_the_folder(short_folder: Path, mode: int, *, safe: bool) -> None:
    """Another user could put a socket in its place. With TLS the certificate would not fit."""
    parent, inner = short_folder, short_folder / "inner"
    inner.mkdir()
    parent.chmod(mode)
    for place in (parent, inner):
        environ = {"TMPDIR": str(place)}
        with private_folder(environ) as folder:
            assert folder.parent == place
        if safe:
            with private_folder(environ, with_tls=False) as folder:
                assert folder.parent == place
        else:
            with pytest.raises(Error, match="Unsafe folder"), private_folder(environ, with_tls=False):
                pass


@pytest.mark.parametrize("port", ["-1", "x", "65536", "9" * 5000, "\u0661", " 1"])
def test_a_port_that_is_not_one_is_an_error(port: str) -> None:
    """It names the variable."""
    with pytest.raises(Error, match="Invalid port") as failed:
        listen_on_loopback({"PLUGIN_MIN_PORT": port})
    assert "PLUGIN_MIN_PORT" in failed.value.detail
