"""Whose time is whose, in a profile."""

from benchmarks.shares import layer_of, shares

WIRE = ("/src/terraform_plugin/cty/msgpack.py", 1, "decode")
HTTP2 = ("/src/terraform_plugin/grpc/connection.py", 1, "receive_data")
LEN = ("~", 0, "<built-in method builtins.len>")
POLL = ("~", 0, "<method 'poll' of 'select.epoll' objects>")


def test_each_function_belongs_to_its_layer() -> None:
    """By its file; what nobody knows is other."""
    assert (layer_of(WIRE), layer_of(HTTP2)) == ("values (msgpack)", "gRPC and HTTP/2")
    assert layer_of(("/src/terraform_plugin/rpc/service.py", 1, "close")) == "the rest of terraform_plugin"
    assert layer_of(("/lib/python3.11/enum.py", 1, "__hash__")) == "other"


def test_what_python_has_built_in_belongs_to_its_caller() -> None:
    """Nobody would know what to do about the length of a list; and waiting is nobody's time."""
    stats = {
        WIRE: (1, 1, 1.0, 3.0, {}),
        LEN: (9, 9, 3.0, 3.0, {WIRE: (6, 6, 2.0, 2.0), HTTP2: (3, 3, 1.0, 1.0)}),
        POLL: (1, 1, 99.0, 99.0, {WIRE: (1, 1, 99.0, 99.0)}),
    }

    assert shares(stats) == {"values (msgpack)": 0.75, "gRPC and HTTP/2": 0.25}
