"""Whose time is whose, in a profile."""

from benchmarks.shares import OTHER, layer_of, shares, shown

WIRE = ("/src/terraform_plugin/cty/msgpack.py", 1, "decode")
HTTP2 = ("/src/terraform_plugin/grpc/connection.py", 1, "receive_data")
LEN = ("~", 0, "<built-in method builtins.len>")
POLL = ("~", 0, "<method 'poll' of 'select.epoll' objects>")


def test_each_function_belongs_to_its_layer() -> None:
    """By its file; what nobody knows is other."""
    assert (layer_of(WIRE), layer_of(HTTP2)) == ("values (msgpack)", "gRPC and HTTP/2")
    assert layer_of(("/src/terraform_plugin/rpc/service.py", 1, "close")) == "the rest of terraform_plugin"
    assert layer_of(("/lib/python3.11/enum.py", 1, "__hash__")) == OTHER


def test_what_python_has_built_in_belongs_to_its_caller() -> None:
    """Nobody would know what to do about the length of a list."""
    stats = {WIRE: (1, 1, 1.0, 3.0, {}), LEN: (9, 9, 3.0, 3.0, {WIRE: (6, 6, 2.0, 2.0), HTTP2: (3, 3, 1.0, 1.0)})}

    assert shares(stats) == {"values (msgpack)": 0.75, "gRPC and HTTP/2": 0.25}


def test_waiting_is_nobodys_time() -> None:
    """A server waits most of its life."""
    assert shares({WIRE: (1, 1, 1.0, 1.0, {}), POLL: (1, 1, 99.0, 99.0, {WIRE: (1, 1, 99.0, 99.0)})}) == {
        "values (msgpack)": 1.0
    }


def test_what_is_next_to_nothing_is_not_shown() -> None:
    """Less than half a percent is left out."""
    text = shown({"plan": 0.997, "logging": 0.003})

    assert "| plan                           |  100% |" in text
    assert "logging" not in text
