"""Schemas to draw from, configurations that fit them, and states as an apply leaves them.

Everything is drawn from a few small strategies made once: making strategies costs more than drawing.
"""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from hypothesis import strategies as st

from terraform_plugin.cty import types as cty
from terraform_plugin.schema import NO_DEFAULT, Attribute, Block, Body, Nested, Schema
from terraform_plugin.state.state import State
from tests.terraform_plugin.consistency import normal
from tests.terraform_plugin.strategies import SMALL, unknowns

Draw = st.DrawFn
Values = dict[str, cty.Value]

# What nobody configures (see SMALL), so that two elements of a set stay two
DEFAULTS: Mapping[str, cty.Value] = {"string": "default", "number": 42, "bool": True}
LEAVES: list[cty.Type] = [
    cty.String,
    cty.Number,
    cty.Bool,
    cty.List(cty.String),
    cty.Set(cty.Number),
    cty.Map(cty.String),
    cty.Object({"a": cty.String, "b": cty.Bool}),
    cty.Tuple([cty.String, cty.Bool]),
]
KINDS: list[dict[str, Any]] = [
    {"required": True},
    {"required": True, "write_only": True},
    {"required": True, "requires_replace": True},
    {"optional": True},
    {"optional": True, "write_only": True},
    {"optional": True, "requires_replace": True},
    {"optional": True, "default": True},
    {"optional": True, "default": True, "requires_replace": True},
    {"computed": True},
    {"computed": True, "use_state_for_unknown": True},
    {"computed": True, "requires_replace": True},
    {"optional": True, "computed": True},
    {"optional": True, "computed": True, "use_state_for_unknown": True},
    {"optional": True, "computed": True, "requires_replace": True},
]

_booleans = st.booleans()
_rarely = st.sampled_from([False, False, False, True])
_counts = st.integers(0, 2)
_kinds = st.sampled_from(KINDS)
_leaves = st.sampled_from([*LEAVES, cty.DynamicType])
_leaves_in_sets = st.sampled_from(LEAVES)
_computed_in_sets = st.sampled_from([cty.String, cty.Number])
_attribute_nestings = st.sampled_from(["single", "list", "set", "map"])
_block_nestings = st.sampled_from(["single", "group", "list", "set", "map"])


@st.composite
def schemas(draw: Draw) -> Schema:
    attributes = {name: _attribute(draw, 2, in_set=False) for name in "abcd"[: 1 + draw(_counts)]}
    blocks = {name: _block(draw, 2, in_set=False) for name in "ef"[: draw(_counts)]}
    return Schema("thing", attributes=attributes, blocks=blocks)


def _block(draw: Draw, depth: int, *, in_set: bool) -> Block:
    nesting: Any = draw(_block_nestings)
    in_set = in_set or nesting == "set"
    attributes = {name: _attribute(draw, depth - 1, in_set=in_set) for name in "abc"[: 1 + draw(_counts)]}
    blocks = {name: _block(draw, depth - 1, in_set=in_set) for name in "e" if depth > 1 and draw(_booleans)}
    return Block(attributes, blocks, nesting=nesting, requires_replace=draw(_rarely))


def _attribute(draw: Draw, depth: int, *, in_set: bool) -> Attribute:
    kind = dict(draw(_kinds))
    type_ = _type(draw, depth, in_set=in_set, computed=kind.get("computed", False))
    if kind.pop("default", False):
        kind["default"] = _default(type_)
    if in_set:
        kind.pop("write_only", False)
    return Attribute(type_, "", **kind)


def _type(draw: Draw, depth: int, *, in_set: bool, computed: bool) -> cty.Type | Nested:
    if in_set and computed:
        return draw(_computed_in_sets)
    if not depth or draw(_booleans):
        return draw(_leaves_in_sets if in_set else _leaves)
    nesting: Any = draw(_attribute_nestings)
    in_set = in_set or nesting == "set"
    return Nested(nesting, {name: _attribute(draw, depth - 1, in_set=in_set) for name in "ab"[: 1 + draw(_booleans)]})


def _default(type_: cty.Type | Nested) -> cty.Value:
    match type_:
        case Nested():
            return NO_DEFAULT if type_.nesting == "single" else {} if type_.nesting == "map" else []
        case cty.List(element) | cty.Set(element):
            return [_default(element)]
        case cty.Map(element):
            return {"k": _default(element)}
        case cty.Object(attributes):
            return {name: _default(item) for name, item in attributes.items()}
        case cty.Tuple(elements):
            return [_default(item) for item in elements]
    return cty.Dynamic(cty.String, "default") if type_ is cty.DynamicType else DEFAULTS[repr(type_)]


@st.composite
def configs(draw: Draw, schema: Schema, unknown: bool = False) -> Values:  # noqa: FBT001, FBT002  # hypothesis calls it  # mypy and composite
    """Configurations as Terraform sends them: every name is there, required ones have a value."""
    return _config(draw, schema, unknown=unknown)


def _config(draw: Draw, body: Body, *, unknown: bool) -> Values:
    attributes = {name: _configured(draw, item, unknown=unknown) for name, item in body.attributes.items()}
    return attributes | {name: _blocks(draw, item, unknown=unknown) for name, item in body.blocks.items()}


def _configured(draw: Draw, attribute: Attribute, *, unknown: bool) -> cty.Value:
    if attribute.computed and not attribute.optional:
        return None
    if attribute.optional and draw(_booleans):
        return None
    if unknown and draw(_rarely):
        return draw(unknowns)
    if isinstance(attribute.type, Nested):
        return _elements(draw, attribute.type, unknown=unknown)
    return _known(draw, attribute.type, unknown=unknown)


def _blocks(draw: Draw, block: Block, *, unknown: bool) -> cty.Value:
    if unknown and draw(_rarely):
        return draw(unknowns)
    return None if block.nesting == "single" and draw(_booleans) else _elements(draw, block, unknown=unknown)


def _elements(draw: Draw, body: Block | Nested, *, unknown: bool) -> cty.Value:
    if body.nesting in ("single", "group"):
        return _config(draw, body, unknown=unknown)
    elements = [_config(draw, body, unknown=unknown) for _ in range(draw(_counts))]
    if body.nesting == "map":
        return dict(zip("kl", elements, strict=False))
    return _unique(body.element_type, elements) if body.nesting == "set" else elements


def _unique(element: cty.Type, items: list[cty.Value]) -> list[cty.Value]:
    return list({repr(normal(element, item)): item for item in items}.values())


def _known(draw: Draw, type_: cty.Type, *, unknown: bool) -> cty.Value:
    """A value that is neither null nor unknown itself."""

    def inside(element: cty.Type) -> cty.Value:
        if draw(_rarely):
            return draw(unknowns) if unknown else None
        return _known(draw, element, unknown=unknown)

    match type_:
        case cty.List(element) | cty.Set(element) | cty.DynamicNested(element, False):
            items = [inside(element) for _ in range(draw(_counts))]
            return _unique(element, items) if isinstance(type_, cty.Set) else items
        case cty.Map(element) | cty.DynamicNested(element):
            return {key: inside(element) for key in "kl"[: draw(_counts)]}
        case cty.Object(attributes):
            return {name: inside(item) for name, item in attributes.items()}
        case cty.Tuple(elements):
            return [inside(item) for item in elements]
    if type_ is cty.DynamicType:
        actual = draw(_leaves_in_sets)
        return cty.Dynamic(actual, inside(actual))
    return draw(SMALL[repr(type_)])


@st.composite
def applied(draw: Draw, schema: Schema, planned: Mapping[str, cty.Value]) -> State:
    """What a resource makes of a plan: something new for everything unknown."""
    numbers = count(100)

    def fresh(type_: cty.Type) -> cty.Value:
        if type_ is cty.String:
            return f"new {next(numbers)}"
        if type_ is cty.Number:
            return next(numbers)
        return None if draw(_rarely) else _known(draw, type_, unknown=False)

    types = schema.element_type.attributes
    return State({name: _filled(item, planned[name], fresh) for name, item in types.items()})


def _filled(type_: cty.Type, value: cty.Value, fresh: Callable[[cty.Type], cty.Value]) -> cty.Value:
    if isinstance(value, cty.Unknown):
        return fresh(type_)
    match type_:
        case cty.List(element) | cty.Set(element) | cty.Map(element) | cty.DynamicNested(element):
            if isinstance(value, dict):
                return {key: _filled(element, item, fresh) for key, item in value.items()}
            items = value and [_filled(element, item, fresh) for item in value]
            return items[::-1] if isinstance(type_, cty.Set) and items else items  # a set has no order
        case cty.Object(attributes):
            return value and {name: _filled(item, value.get(name), fresh) for name, item in attributes.items()}
    return value


@st.composite
def nearly(draw: Draw, schema: Schema, config: Values, unknown: bool = False) -> Values:  # noqa: FBT001, FBT002  # hypothesis calls it
    """Configurations that share some of their values with `config`."""
    other = _config(draw, schema, unknown=unknown)
    return {name: value if draw(_booleans) else other[name] for name, value in config.items()}
