"""Blocks with a `dynamic` attribute inside: their type is open in the schema and known on the wire.

Terraform sends a list of such blocks as one `dynamic` value that holds a tuple; the tuple's type has the actual type of
each element. In Python, every `dynamic` value has its own type instead. Source: cty's conversion of such blocks
(docs/design/0008-sources.md#cty).
"""

from __future__ import annotations

from terraform_plugin.cty.types import (
    Dynamic,
    DynamicNested,
    DynamicType,
    List,
    Map,
    Object,
    Set,
    Tuple,
    Type,
    Unknown,
    Value,
    contains_dynamic,
)


class DynamicNestedError(ValueError):
    """A value whose type does not fit what the schema leaves open."""


def actual_type(declared: Type, value: Value) -> Type:
    """Return the type that `value` has where `declared` leaves it open with `dynamic`."""
    if declared is DynamicType:
        return value.type if isinstance(value, Dynamic) else DynamicType
    match declared, value:
        case Object(), dict():
            types = declared.attributes
            return Object({name: actual_type(item, value.get(name)) for name, item in types.items()})
        case DynamicNested(), list():
            return Tuple([actual_type(declared.element, item) for item in value])
        case DynamicNested(), dict():
            return Object({key: actual_type(declared.element, item) for key, item in value.items()})
        case Tuple(), list():
            return Tuple(
                [actual_type(item_type, item) for item_type, item in zip(declared.elements, value, strict=True)]
            )
        case List() | Set() | Map(), list() | dict() if contains_dynamic(declared.element):
            items = value.values() if isinstance(value, dict) else value
            candidates = (actual_type(declared.element, item) for item in items)
            return type(declared)(
                next((type_ for type_ in candidates if not contains_dynamic(type_)), declared.element)
            )
    return declared


def retype(declared: Type, actual: Type, value: Value) -> Value:
    """Return `value` (of type `actual`) with a `Dynamic` around whatever is `dynamic` in `declared`.

    An object of another version of the schema may lack names, or have more. Raises `DynamicNestedError` where `actual`
    is not a form of `declared`.
    """
    if declared == actual:
        return value
    if declared is DynamicType:
        return Dynamic(actual, value)
    if value is None or isinstance(value, Unknown):
        return value
    match declared, actual:
        case Object(types), Object(actuals):
            same = types.keys() & actuals.keys()
            return {name: retype(types[name], actuals[name], value[name]) if name in same else None for name in types}
        case Tuple(elements), Tuple(actuals) if len(elements) == len(actuals):
            return [retype(*item) for item in zip(elements, actuals, value, strict=True)]
        case (DynamicNested(element, False) | List(element), Tuple(actuals)):
            return [retype(element, item_type, item) for item_type, item in zip(actuals, value, strict=True)]
        case (DynamicNested(element, True) | Map(element), Object(actuals)):
            return {key: retype(element, actuals[key], item) for key, item in value.items()}
        case (
            (DynamicNested(element, False), List(actual_element) | Set(actual_element))
            | (List(element), List(actual_element))
            | (Set(element), Set(actual_element))
        ):
            return [retype(element, actual_element, item) for item in value]
        case (DynamicNested(element, True), Map(actual_element)) | (Map(element), Map(actual_element)):
            return {key: retype(element, actual_element, item) for key, item in value.items()}
    raise DynamicNestedError(f"expected {declared.json()}, got {actual.json()}")
