"""What an author declares: attributes, blocks and a schema. Everything else is derived from it.

Source: protocol messages `Schema`, `Schema.Block`, `Schema.Attribute`, `Schema.NestedBlock` and `Schema.Object`
(docs/design/0008-sources.md#plugin-protocol), and the rules that Terraform enforces on them. A `Schema` checks these
rules when it is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, Literal, get_args

from msgspec import Struct
from msgspec.structs import force_setattr

from terraform_plugin.cty.msgpack import decode, encode
from terraform_plugin.cty.types import (
    DynamicNested,
    List,
    Map,
    Object,
    Primitive,
    Set,
    Tuple,
    Type,
    contains_dynamic,
)
from terraform_plugin.diagnostics import Error, Path

Validator = Callable[[Any, Path], Iterator[Error]]
"""Checks one known value that is not null, and yields an `Error` for each mistake in it.

For a schema or a block, the value is the whole object. Call `terraform_plugin.warn` for what only deserves a warning.
"""

Nesting = Literal["single", "group", "list", "set", "map"]

_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_RESERVED = frozenset({"count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner"})


class NoDefault:
    """The type of `NO_DEFAULT`: `None` would be a default of null."""

    def __reduce__(self) -> str:
        """Let a deep copy of an attribute have the same default, because it is compared with `is`."""
        return "NO_DEFAULT"


NO_DEFAULT = NoDefault()


class Body(Struct, frozen=True, dict=True):
    """What has attributes and blocks: a `Schema`, a `Block`, or the `Nested` type of an attribute."""

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        raise NotImplementedError

    @property
    def blocks(self) -> Mapping[str, Block]:
        raise NotImplementedError

    @cached_property
    def members(self) -> Mapping[str, Attribute | Block]:
        """The attributes and the blocks, by name."""
        return {**self.attributes, **self.blocks}

    @cached_property
    def element_type(self) -> Object:
        """The type of one object of this kind."""
        return Object({name: member.value_type for name, member in self.members.items()})

    @cached_property
    def has_computed(self) -> bool:
        """Whether an attribute in it, at any depth, is computed."""
        return any(
            (isinstance(member, Attribute) and member.computed)
            or (member.nested is not None and member.nested.has_computed)
            for member in self.members.values()
        )


class Nested(Body, frozen=True):
    """The type of an attribute made of attributes: one object ("single"), or a list, set or map of objects."""

    nesting: Nesting
    attributes: Mapping[str, Attribute]
    blocks: ClassVar[Mapping[str, Block]] = MappingProxyType({})

    @cached_property
    def value_type(self) -> Type:
        return _nest(self.nesting, self.element_type)


class _Typed(Struct, frozen=True):
    type: Type | Nested
    description: str


class Attribute(_Typed, frozen=True, kw_only=True):
    """One argument or result.

    Set exactly one of `required`, `optional` and `computed`, or both `optional` and `computed`. Only resources have
    plans, so `write_only`, `use_state_for_unknown`, `requires_replace` and `normalize` have no effect elsewhere.
    """

    required: bool = False
    """Whether a configuration must set it."""
    optional: bool = False
    """Whether a configuration may set it."""
    computed: bool = False
    """Whether the resource sets it, unless it is configured."""
    sensitive: bool = False
    """Whether Terraform hides the value. The state contains it in clear text."""
    write_only: bool = False
    """The value reaches the resource in `State.config` only. It is never part of a plan or a state."""
    deprecated: str = ""
    """What to use instead."""
    default: Any = NO_DEFAULT
    """The value of an `optional` attribute that is not configured.

    It makes the attribute `computed`, because Terraform does not let a provider fill in any other attribute.
    """
    use_state_for_unknown: bool = False
    """Whether an update keeps a computed value. Any other computed value is unknown while something changes."""
    requires_replace: bool = False
    """Whether another value needs another resource."""
    validators: Sequence[Validator] = ()
    """They are not called with null and unknown values."""
    references: Sequence[str] = ()
    """The resource types whose `id` it takes. Pages link to them, and exports can refer to them."""
    normalize: Callable[[Any], Any] | None = None
    """Turns a configured value into the form that is kept in the state and that references see.

    To Terraform such an attribute is computed, because a provider may not change any other value. That it is required,
    or may be configured at all, is checked by `terraform_plugin.validation`.
    """

    def __post_init__(self) -> None:
        """Give the default the form in which Terraform sends it back. Raises `ValueError` if it is of another type."""
        if self.default is not NO_DEFAULT:
            force_setattr(self, "computed", True)  # noqa: FBT003  # the value, not a flag
            try:
                default = decode(self.value_type, encode(self.value_type, self.default))
            except ValueError as error:
                raise ValueError(f"the default {self.default!r} does not fit: {error}") from None
            force_setattr(self, "default", default)

    @property
    def value_type(self) -> Type:
        return self.type.value_type if isinstance(self.type, Nested) else self.type

    @property
    def nested(self) -> Nested | None:
        """The attributes inside it, if it is made of attributes."""
        return self.type if isinstance(self.type, Nested) else None


class _Content(Body, frozen=True):
    attributes: Mapping[str, Attribute] = {}
    blocks: Mapping[str, Block] = {}
    description: str = ""


class Block(_Content, frozen=True, kw_only=True):
    """A kind of nested block.

    A "single" block may occur once (`min_items=1, max_items=1`: must occur once). A "group" always exists.
    """

    nesting: Nesting = "list"
    min_items: int = 0
    max_items: int = 0
    """0 means no limit."""
    deprecated: str = ""
    """What to use instead."""
    requires_replace: bool = False
    """Whether any change in it needs another resource."""
    validators: Sequence[Validator] = ()
    """They check each block of this kind."""

    @cached_property
    def value_type(self) -> Type:
        """The type of all blocks of this kind together."""
        return _nest(self.nesting, self.element_type)

    @property
    def nested(self) -> Block:
        """The block itself, as for an attribute that is made of attributes."""
        return self


class _Described(Body, frozen=True):
    description: str


class Schema(_Described, frozen=True, kw_only=True):
    """What a provider, a resource or a data source takes and returns.

    Raises `ValueError` if Terraform would call the schema a bug in the provider.
    """

    attributes: Mapping[str, Attribute] = {}
    blocks: Mapping[str, Block] = {}
    version: int = 0
    """Counts changes of the state's structure."""
    deprecated: str = ""
    """What to use instead."""
    validators: Sequence[Validator] = ()
    """They check the whole configuration."""

    def __post_init__(self) -> None:
        problems = [*_problems(self, Path())]
        if self.version < 0:
            problems.append("version: below 0")
        problems += [f"{name}: reserved by Terraform" for name in sorted(_RESERVED & self.members.keys())]
        if problems:
            raise ValueError("invalid schema: " + "; ".join(problems))


def _nest(nesting: Nesting, element: Object) -> Type:
    if nesting in ("single", "group"):
        return element
    if nesting == "set":
        return Set(element)
    if contains_dynamic(element):
        return DynamicNested(element, keyed=nesting == "map")
    return List(element) if nesting == "list" else Map(element)


def _problems(body: Body, path: Path) -> Iterator[str]:
    for name in body.attributes.keys() & body.blocks.keys():
        yield f"{path / name}: an attribute and a block have the same name"
    for name, attribute in body.attributes.items():
        yield from _attribute_problems(attribute, path / name)
    for name, block in body.blocks.items():
        yield from _block_problems(block, path / name)


def _attribute_problems(attribute: object, path: Path) -> Iterator[str]:
    yield from _name_problems(path)
    if not isinstance(attribute, Attribute):
        yield f"{path}: must be an Attribute, got {type(attribute).__name__}"
        return
    yield from _flag_problems(attribute, path)
    yield from _type_problems(attribute.type, path)
    if attribute.nested is not None:
        yield from _nesting_problems(attribute.nested, path)
        if attribute.nested.nesting == "group":
            yield f"{path}: only blocks can be a group"
        yield from _set_problems(attribute.nested, path)
        for name, nested in attribute.nested.attributes.items():
            yield from _attribute_problems(nested, path / name)


def _flag_problems(attribute: Attribute, path: Path) -> Iterator[str]:
    if attribute.required and (attribute.optional or attribute.computed):
        yield f"{path}: required excludes optional, computed and default"
    if not (attribute.required or attribute.optional or attribute.computed):
        yield f"{path}: neither required, optional nor computed"
    if attribute.default is not NO_DEFAULT and not attribute.optional:
        yield f"{path}: a default needs optional"
    if attribute.write_only and (attribute.computed or attribute.requires_replace):
        yield f"{path}: write_only excludes computed, default and requires_replace"
    if attribute.normalize and (attribute.computed or attribute.write_only):
        yield f"{path}: normalize excludes computed, default and write_only"
    if attribute.use_state_for_unknown and not attribute.computed:
        yield f"{path}: use_state_for_unknown needs a computed value"


def _type_problems(type_: object, path: Path) -> Iterator[str]:
    match type_:
        case Primitive() | Nested():
            return
        case List(element) | Set(element) | Map(element):
            yield from _type_problems(element, path)
        case Object(attributes):
            for name, attribute in attributes.items():
                yield from _type_problems(attribute, path / name)
        case Tuple(elements):
            for index, element in enumerate(elements):
                yield from _type_problems(element, path / index)
        case _:
            yield f"{path}: the type must be a type such as String or List(Number), or Nested, got {type_!r}"


def _block_problems(block: object, path: Path) -> Iterator[str]:
    yield from _name_problems(path)
    if not isinstance(block, Block):
        yield f"{path}: must be a Block, got {type(block).__name__}"
        return
    yield from _nesting_problems(block, path)
    limits = (block.min_items, block.max_items)
    if block.nesting == "single" and limits not in ((0, 0), (1, 1)):
        yield f"{path}: the limits of a single block must be 0, 0 or 1, 1"
    if block.nesting in ("group", "map") and limits != (0, 0):
        yield f"{path}: a {block.nesting} cannot have limits"
    if min(limits) < 0 or 0 < block.max_items < block.min_items:
        yield f"{path}: min_items is above max_items, or one of them is below 0"
    yield from _set_problems(block, path)
    yield from _problems(block, path)


def _nesting_problems(body: Block | Nested, path: Path) -> Iterator[str]:
    if body.nesting not in get_args(Nesting):
        yield f"{path}: the nesting must be one of {', '.join(get_args(Nesting))}, got {body.nesting!r}"


def _name_problems(path: Path) -> Iterator[str]:
    if not _NAME.match(str(path[-1])):
        yield f"{path}: a name must consist of a-z, 0-9 and _"


def _set_problems(body: Block | Nested, path: Path) -> Iterator[str]:
    # Elements of a set are identified by their value. A write-only or normalized value differs between the
    # configuration and the state, and Terraform has no type for a set of objects that differ in type.
    if body.nesting == "set" and (contains_dynamic(body.element_type) or _has_any(body, _not_in_sets)):
        yield f"{path}: dynamic, write_only and normalize are not possible inside a set, at any depth"


def _not_in_sets(attribute: Attribute) -> bool:
    return attribute.write_only or attribute.normalize is not None


def _has_any(body: Body, condition: Callable[[Attribute], bool]) -> bool:
    return any(
        (isinstance(member, Attribute) and condition(member))
        or (member.nested is not None and _has_any(member.nested, condition))
        for member in body.members.values()
    )
