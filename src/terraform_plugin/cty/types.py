"""Terraform's types, and the two values that Python has no word for: `Unknown` and `Dynamic`.

Values in Python: null is `None`; string `str`; bool `bool`; number `int` or `decimal.Decimal` (exact; a whole number is
always an `int`); list, set and tuple `list` (a set has no duplicates and its order means nothing); map and object
`dict`; a value of type `dynamic` is a `Dynamic`, which carries its own type. Source: cty's type system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

Value = Any  # None | str | bool | int | Decimal | list[Value] | dict[str, Value] | Dynamic | Unknown


class Unknown(Struct, frozen=True):
    """A value that is only known after apply.

    `refinement` is what is already known about it, as Terraform sent it (msgpack, at most 1024 bytes); it is sent back
    unchanged. Two unknown values are equal, whatever their refinements.
    """

    refinement: bytes = b""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown)

    def __hash__(self) -> int:
        return hash(Unknown)

    def __bool__(self) -> bool:
        raise TypeError("the value is not known yet: call `is_known(value)` before you use it")


UNKNOWN = Unknown()


class Type(Struct, frozen=True):
    """A type constraint. `json()` returns the form that the protocol uses: `"string"`, `["list", "string"]` …"""

    def json(self) -> Any:
        raise NotImplementedError


class Primitive(Type, frozen=True):
    """A type without inner types: `String`, `Number`, `Bool` or `DynamicType`."""

    name: str

    def json(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        """Let `deepcopy` and pickle return this object, because primitive types are compared with `is`."""
        return {"dynamic": "DynamicType"}.get(self.name, self.name.capitalize())


String = Primitive("string")
Number = Primitive("number")
Bool = Primitive("bool")
DynamicType = Primitive("dynamic")


class Dynamic(Struct, frozen=True):
    """A value of type `dynamic`, with its actual type."""

    type: Type
    value: Value


class List(Type, frozen=True):
    """An ordered sequence of values of one type."""

    element: Type

    def json(self) -> Any:
        return ["list", self.element.json()]


class Set(Type, frozen=True):
    """Distinct values of one type, without an order."""

    element: Type

    def json(self) -> Any:
        return ["set", self.element.json()]


class Map(Type, frozen=True):
    """Values of one type, by keys that are strings."""

    element: Type

    def json(self) -> Any:
        return ["map", self.element.json()]


class Object(Type, frozen=True):
    """An object type. `optional` are the attributes that a configuration may omit; they are null then."""

    attributes: Mapping[str, Type]
    optional: frozenset[str] = frozenset()

    def json(self) -> Any:
        attributes = {name: attribute.json() for name, attribute in sorted(self.attributes.items())}
        return ["object", attributes, sorted(self.optional)] if self.optional else ["object", attributes]


class Tuple(Type, frozen=True):
    """An ordered sequence of values, each of its own type."""

    elements: Sequence[Type]

    def json(self) -> Any:
        return ["tuple", [element.json() for element in self.elements]]


class DynamicNested(Type, frozen=True):
    """A list or map of objects that may differ in type, because there is a `dynamic` inside them.

    In Python it is a list or dict like any other; to Terraform it is a `dynamic` that holds a tuple or an object. It
    arises from blocks and nested attributes only, never from an attribute's own type. Source: cty types that
    Terraform derives from such blocks.
    """

    element: Type
    keyed: bool

    def json(self) -> str:
        return "dynamic"


_PRIMITIVES = {primitive.name: primitive for primitive in (String, Number, Bool, DynamicType)}


def type_from_json(data: Any) -> Type:
    """Return the type that `data` (decoded JSON) describes. Raises `ValueError` for anything else."""
    match data:
        case str() if data in _PRIMITIVES:
            return _PRIMITIVES[data]
        case ["list", element]:
            return List(type_from_json(element))
        case ["set", element]:
            return Set(type_from_json(element))
        case ["map", element]:
            return Map(type_from_json(element))
        case ["tuple", list(elements)]:
            return Tuple(tuple(type_from_json(element) for element in elements))
        case ["object", dict(attributes)]:
            return Object({name: type_from_json(item) for name, item in attributes.items()})
        case ["object", dict(attributes), list(optional)] if all(name in attributes for name in map(str, optional)):
            types = {name: type_from_json(item) for name, item in attributes.items()}
            return Object(types, frozenset(map(str, optional)))
    raise ValueError(f"not a Terraform type: {repr(data)[:100]}")


def contains_dynamic(type_: Type) -> bool:
    """Return whether the type is `dynamic` or has one inside."""
    match type_:
        case List() | Set() | Map():
            return contains_dynamic(type_.element)
        case Object():
            return any(contains_dynamic(attribute) for attribute in type_.attributes.values())
        case Tuple():
            return any(contains_dynamic(element) for element in type_.elements)
    return type_ is DynamicType or isinstance(type_, DynamicNested)


def is_known(value: Value) -> bool:
    """Return whether the value itself is known (an unknown inside a list or object does not count)."""
    return not isinstance(value.value if isinstance(value, Dynamic) else value, Unknown)


def is_wholly_known(value: Value) -> bool:
    """Return whether nothing in the value, at any depth, is unknown."""
    match value:
        case Unknown():
            return False
        case Dynamic():
            return is_wholly_known(value.value)
        case list():
            return all(is_wholly_known(item) for item in value)
        case dict():
            return all(is_wholly_known(item) for item in value.values())
    return True
