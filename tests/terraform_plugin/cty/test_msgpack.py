"""`DynamicValue` bytes <-> values: everything that Terraform sends, and any other bytes."""

import struct
import tracemalloc
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from terraform_plugin.cty import types as cty
from terraform_plugin.cty.msgpack import WireError, decode, encode
from tests.terraform_plugin.consistency import same
from tests.terraform_plugin.strategies import REFINED, json_values, types, unknowns, values

TRUE = True
OBJECT = cty.Object({"a": cty.String, "b": cty.Number})


def packed(value: Any) -> bytes:
    return msgspec.msgpack.encode(value)


def fits(value: Any) -> bool:
    """Whether msgpack can hold every integer in it."""
    if isinstance(value, list | dict):
        return all(map(fits, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, int) or -(2**63) <= value < 2**64


def typed(json: bytes, value: Any) -> bytes:
    return packed([json, value])


@pytest.mark.parametrize(
    ("type_", "data", "value"),
    [
        (cty.String, b"", None),
        (cty.String, packed(None), None),
        (cty.String, packed("ä\u202e\0"), "ä\u202e\0"),
        (cty.Bool, packed(TRUE), True),
        (cty.Number, packed(-(2**63)), -(2**63)),
        (cty.Number, packed(2**64 - 1), 2**64 - 1),
        (cty.Number, packed("0.1"), Decimal("0.1")),
        (cty.Number, packed(str(2**70)), 2**70),
        (cty.Number, packed(0.5), Decimal("0.5")),
        (cty.Number, b"\xca" + struct.pack(">f", 0.25), Decimal("0.25")),
        (cty.Number, packed(3.0), 3),
        (cty.List(cty.String), packed(["a", None]), ["a", None]),
        (cty.Set(cty.Number), packed([1, "2"]), [1, 2]),
        (cty.Map(cty.Bool), packed({"k": False}), {"k": False}),
        (cty.Tuple([cty.String, cty.Number]), packed(["a", 1]), ["a", 1]),
        (OBJECT, packed({"a": None, "b": 1}), {"a": None, "b": 1}),
        (cty.DynamicType, typed(b'"string"', "x"), cty.Dynamic(cty.String, "x")),
        (cty.DynamicType, packed(['["list","number"]', [1]]), cty.Dynamic(cty.List(cty.Number), [1])),
        (cty.DynamicType, typed(b'"string"', None), cty.Dynamic(cty.String, None)),
        (cty.DynamicType, packed(None), None),
    ],
)
def test_terraforms_encoding_is_understood(type_: cty.Type, data: bytes, value: cty.Value) -> None:
    """Null, numbers in each of their forms, collections, objects, and values that bring their type along."""
    assert decode(type_, data) == value


@pytest.mark.parametrize("code", [0, 1, 5, 12, 127])
@pytest.mark.parametrize("type_", [cty.String, cty.Number, cty.List(cty.String), OBJECT, cty.DynamicType])
def test_every_extension_is_an_unknown_value(code: int, type_: cty.Type) -> None:
    """Terraform's own decoder takes any extension with a short payload for unknown, whatever its code."""
    assert decode(type_, packed(msgspec.msgpack.Ext(code, b"\0"))) == cty.UNKNOWN
    assert decode(cty.Map(type_), packed({"k": msgspec.msgpack.Ext(code, b"\0")})) == {"k": cty.UNKNOWN}


def test_an_unknown_value_is_sent_as_terraform_sends_it() -> None:
    """Extension 0 with one zero byte."""
    assert encode(cty.String, cty.UNKNOWN) == bytes.fromhex("d40000")


@pytest.mark.parametrize("payload", [REFINED.refinement, b"\x81\x03\x92\x00\xc3", b"\x80", bytes(1024)])
def test_a_refinement_is_returned_unchanged(payload: bytes) -> None:
    """What Terraform knows about an unknown value is not decoded."""
    data = packed({"k": msgspec.msgpack.Ext(12, payload)})
    value = decode(cty.Map(cty.String), data)
    assert value["k"].refinement == payload
    assert encode(cty.Map(cty.String), value) == data


@pytest.mark.parametrize(
    ("type_", "value", "data"),
    [
        (cty.Number, 5, packed(5)),
        (cty.Number, -(2**63), packed(-(2**63))),
        (cty.Number, 2**64 - 1, packed(2**64 - 1)),
        (cty.Number, 2**64, packed(str(2**64))),
        (cty.Number, -(2**63) - 1, packed(str(-(2**63) - 1))),
        (cty.Number, Decimal("0.1"), packed("0.1")),
        (cty.Number, 0.1, packed("0.1")),
        (cty.Number, Decimal("1E+3"), packed(1000)),
        (cty.Number, Decimal("1E-3"), packed("0.001")),
        (cty.Set(cty.String), {"x"}, packed(["x"])),
        (cty.List(cty.String), ("x", None), packed(["x", None])),
        (OBJECT, {"b": 1}, packed({"a": None, "b": 1})),
        (cty.DynamicType, cty.Dynamic(cty.Map(cty.Bool), {"k": True}), typed(b'["map","bool"]', {"k": True})),
        (cty.DynamicNested(cty.Object({"x": cty.DynamicType}), keyed=False), [], typed(b'["tuple",[]]', [])),
        (
            cty.DynamicNested(cty.Object({"x": cty.DynamicType}), keyed=False),
            [{"x": cty.Dynamic(cty.String, None)}],
            typed(b'["tuple",[["object",{"x":"string"}]]]', [{"x": None}]),
        ),
    ],
)
def test_terraform_gets_the_encoding_it_accepts(type_: cty.Type, value: cty.Value, data: bytes) -> None:
    """Integers up to 64 bits as such, any other number as a decimal string; missing attributes as null."""
    assert encode(type_, value) == data


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        (OBJECT, packed({"a": "x"})),
        (OBJECT, packed({"a": "x", "b": 1, "c": 2})),
        (OBJECT, packed(["x", 1])),
        (cty.String, packed(5)),
        (cty.String, packed(b"x")),
        (cty.String, b"\xa1\xff"),
        (cty.Bool, packed(1)),
        (cty.Number, packed(TRUE)),
        (cty.Number, packed("abc")),
        (cty.Number, packed(float("nan"))),
        (cty.Number, packed(float("inf"))),
        (cty.Number, packed("1e999999999")),
        (cty.List(cty.String), packed({"a": "b"})),
        (cty.Map(cty.String), b"\x81\x01\xa1a"),
        (cty.Map(cty.String), b"\x81\x81\xc0\xc0\xa1a"),
        (cty.Tuple([cty.String]), packed(["a", "b"])),
        (cty.DynamicType, packed("x")),
        (cty.DynamicType, typed(b'"strin"', "x")),
        (cty.DynamicType, typed(b"[" * 100_000, "x")),
        (cty.DynamicType, typed(b'["list",' * 500 + b'"string"' + b"]" * 500, 1)),
        (cty.DynamicType, typed(b"\xff", "x")),
        (cty.DynamicType, typed(b'["object",{},5]', {})),
        (cty.DynamicNested(OBJECT, keyed=False), typed(b'"string"', "x")),
        (cty.String, packed("x") + b"\xc0"),
        (cty.String, packed("x" * 50)[:-1]),
        (cty.String, b"\xd6\xff\0\0\0\0"),
        (cty.String, b"\xc1"),
        (cty.List(cty.String), b"\x91" * 100_000 + b"\xc0"),
    ],
)
def test_what_does_not_fit_is_refused(type_: cty.Type, data: bytes) -> None:
    """Missing and surplus attributes, other types, no numbers, broken or endlessly nested bytes: `WireError`."""
    with pytest.raises(WireError):
        decode(type_, data)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (OBJECT, {"c": 1}),
        (OBJECT, {1: 1}),
        (OBJECT, ["x"]),
        (cty.String, 5),
        (cty.String, b"x"),
        (cty.String, "\ud800"),
        (cty.Map(cty.String), {"\ud800": "x"}),
        (cty.Map(cty.String), {1: "x"}),
        (cty.Number, "x"),
        (cty.Number, True),
        (cty.Number, float("nan")),
        (cty.Bool, 1),
        (cty.List(cty.String), "abc"),
        (cty.List(cty.String), {"a": "b"}),
        (cty.Tuple([cty.String]), ["a", "b"]),
        (cty.Tuple([cty.String]), "a"),
        (cty.DynamicType, "x"),
        (cty.DynamicNested(cty.Object({"x": cty.DynamicType}), keyed=False), "x"),
    ],
)
def test_a_providers_mistake_is_refused_before_it_is_sent(type_: cty.Type, value: cty.Value) -> None:
    """Terraform would call it a bug without saying where."""
    with pytest.raises(WireError):
        encode(type_, value)


def test_an_error_says_where() -> None:
    """The path leads to the value."""
    type_ = cty.Object({"tags": cty.Map(cty.List(cty.Number))})
    with pytest.raises(WireError, match=r'tags\["team"\]\[1\]: ') as raised:
        decode(type_, packed({"tags": {"team": [1, "x"]}}))
    assert raised.value.path == ("tags", "team", 1)


@given(st.data(), types)
def test_any_value_comes_back_from_the_wire(data: st.DataObject, type_: cty.Type) -> None:
    """Whatever the type, whatever is null or unknown in it; refinements are kept."""
    value = data.draw(values(type_, unknown=unknowns))
    there_and_back = decode(type_, encode(type_, value))
    assert same(type_, there_and_back, value)
    assert refinements(there_and_back) == refinements(value)


def refinements(value: cty.Value) -> list[bytes]:
    match value:
        case cty.Unknown():
            return [value.refinement]
        case cty.Dynamic():
            return refinements(value.value)
        case list() | dict():
            items = [value[name] for name in sorted(value)] if isinstance(value, dict) else value
            return [refinement for item in items for refinement in refinements(item)]
    return []


@given(types, st.binary() | json_values.filter(fits).map(packed))
@example(cty.DynamicType, b"\xdd\xff\xff\xff\xff")
@example(cty.String, b"\xc7\x00\xff")
def test_any_bytes_are_a_value_or_refused(type_: cty.Type, data: bytes) -> None:
    """Nothing but `WireError` comes out of hostile bytes; what is accepted can be sent back."""
    try:
        value = decode(type_, data)
    except WireError:
        return
    assert same(type_, decode(type_, encode(type_, value)), value)


@given(st.data(), types)
def test_damaged_bytes_are_a_value_or_refused(data: st.DataObject, type_: cty.Type) -> None:
    """Bytes that were right until one was changed, lost or added: a value or `WireError`."""
    good = encode(type_, data.draw(values(type_, unknown=unknowns)))
    at = data.draw(st.integers(0, len(good) - 1))
    bad = good[:at] + data.draw(st.binary(max_size=2)) + good[at + 1 :]
    try:
        value = decode(type_, bad)
    except WireError:
        return
    assert same(type_, decode(type_, encode(type_, value)), value)


@pytest.mark.parametrize("head", ["ddffffffff", "dfffffffff", "c6ffffffff", "dbffffffff", "c9ffffffff00"])
def test_a_wrong_length_takes_no_memory(head: str) -> None:
    """Five bytes may claim four billion elements."""
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            decode(cty.DynamicType, bytes.fromhex(head))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
