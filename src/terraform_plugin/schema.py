"""What an author declares: attributes, blocks and a schema. Everything else is derived from it.

Source: protocol messages `Schema`, `Schema.Block`, `Schema.Attribute`, `Schema.NestedBlock`, `Schema.Object`, and the
rules Terraform enforces on them, which are checked here when a `Schema` is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from msgspec import Struct
from msgspec.structs import force_setattr

from terraform_plugin.cty.msgpack import decode, encode
from terraform_plugin.cty.types import DynamicNested, List, Map, Object, Set, Type, contains_dynamic
from terraform_plugin.diagnostics import Error, Path

Validator = Callable[[Any, Path], Iterator[Error]]
"""Looks at one known, non-null value (of a schema or block: at the whole object) and yields what is wrong with it.

What only deserves a warning is said with `terraform_plugin.warn`.
"""

Nesting = Literal["single", "group", "list", "set", "map"]

_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_RESERVED = frozenset({"count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner"})


class NoDefault:
    """The type of `NO_DEFAULT`: `None` would be a default of null."""


NO_DEFAULT = NoDefault()


class Nested(Struct, frozen=True, dict=True):
    """The type of an attribute made of attributes: one object ("single"), or a list, set or map of objects."""

    nesting: Nesting
    attributes: Mapping[str, Attribute]
    blocks: ClassVar[Mapping[str, Block]] = MappingProxyType({})

    @cached_property
    def element_type(self) -> Object:
        return Object({name: attribute.value_type for name, attribute in self.attributes.items()})

    @cached_property
    def value_type(self) -> Type:
        return _nest(self.nesting, self.element_type)


class _Typed(Struct, frozen=True):
    type: Type | Nested
    description: str


class Attribute(_Typed, frozen=True, kw_only=True):
    """One argument or result.

    Set exactly one of `required`, `optional`, `computed`, or the last two together.

    - `default`: what an `optional` attribute is when it is not configured (it is `computed` then: Terraform lets a
      provider fill in nothing else)
    - `use_state_for_unknown`: a computed value that an update leaves as it is; any other is unknown while something
      changes
    - `requires_replace`: another value needs another resource
    - `write_only`: reaches the resource in `State.config` only, never plan or state
    - `deprecated`: what to use instead
    - `validators`: see `Validator`; null and unknown values are not passed to them
    - `normalize`: turns a configured value into the form in which it is kept and can be referred to. To Terraform such
      an attribute is computed, for it lets a provider decide about nothing else; that it is required, or may be
      configured at all, is checked here
    """

    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    write_only: bool = False
    deprecated: str = ""
    default: Any = NO_DEFAULT
    use_state_for_unknown: bool = False
    requires_replace: bool = False
    validators: Sequence[Validator] = ()
    normalize: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        """Give the default the form in which Terraform sends it back. Raises `ValueError` for one of another type."""
        if self.default is not NO_DEFAULT:
            force_setattr(self, "computed", True)  # noqa: FBT003  # the value
            try:
                default = decode(self.value_type, encode(self.value_type, self.default))
            except ValueError as error:
                raise ValueError(f"the default {self.default!r} does not fit: {error}") from None
            force_setattr(self, "default", default)

    @property
    def value_type(self) -> Type:
        return self.type.value_type if isinstance(self.type, Nested) else self.type


class _Content(Struct, frozen=True):
    attributes: Mapping[str, Attribute] = {}
    blocks: Mapping[str, Block] = {}
    description: str = ""


class Block(_Content, frozen=True, kw_only=True, dict=True):
    """A kind of nested block. `max_items` 0 means no limit.

    A "single" block may be there once (`min_items=1, max_items=1`: must be), a "group" always counts as there.
    `requires_replace`: any change in it needs another resource. `validators` check each block of this kind.
    """

    nesting: Nesting = "list"
    min_items: int = 0
    max_items: int = 0
    deprecated: str = ""
    requires_replace: bool = False
    validators: Sequence[Validator] = ()

    @cached_property
    def element_type(self) -> Object:
        """The type of one block of this kind."""
        return _object_type(self)

    @cached_property
    def value_type(self) -> Type:
        """The type of all of them together."""
        return _nest(self.nesting, self.element_type)


class _Described(Struct, frozen=True):
    description: str


class Schema(_Described, frozen=True, kw_only=True, dict=True):
    """What a provider, a resource or a data source takes and gives.

    `version` counts changes of the state's shape; `validators` check the whole configuration. Raises `ValueError`
    where Terraform would call the schema a bug in the provider.
    """

    attributes: Mapping[str, Attribute] = {}
    blocks: Mapping[str, Block] = {}
    version: int = 0
    deprecated: str = ""
    validators: Sequence[Validator] = ()

    def __post_init__(self) -> None:
        problems = [*_problems(self, Path())]
        if self.version < 0:
            problems.append("version: below 0")
        problems += [f"{name}: reserved by Terraform" for name in sorted(_RESERVED & {*self.attributes, *self.blocks})]
        if problems:
            raise ValueError("invalid schema: " + "; ".join(problems))

    @cached_property
    def element_type(self) -> Object:
        """The type of the whole object."""
        return _object_type(self)


Body = Schema | Block | Nested
"""What has attributes and blocks."""


def _object_type(body: Body) -> Object:
    types = {name: attribute.value_type for name, attribute in body.attributes.items()}
    return Object(types | {name: block.value_type for name, block in body.blocks.items()})


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
        yield f"{path / name}: an attribute and a block of one name"
    for name, attribute in body.attributes.items():
        yield from _attribute_problems(attribute, path / name)
    for name, block in body.blocks.items():
        yield from _block_problems(block, path / name)
        yield from _problems(block, path / name)


def _attribute_problems(attribute: Attribute, path: Path) -> Iterator[str]:
    yield from _name_problems(path)
    if attribute.required and (attribute.optional or attribute.computed):
        yield f"{path}: required excludes optional, computed and default"
    if not (attribute.required or attribute.optional or attribute.computed):
        yield f"{path}: neither required, optional nor computed"
    if attribute.default is not NO_DEFAULT and not attribute.optional:
        yield f"{path}: a default needs optional"
    if attribute.write_only and attribute.computed:
        yield f"{path}: write_only excludes computed"
    if attribute.normalize and (attribute.computed or attribute.write_only):
        yield f"{path}: only what is configured, and kept, can be normalized"
    if attribute.use_state_for_unknown and not attribute.computed:
        yield f"{path}: use_state_for_unknown needs a computed value"
    if isinstance(attribute.type, Nested):
        if attribute.type.nesting == "group":
            yield f"{path}: only blocks can be a group"
        yield from _set_problems(attribute.type, path)
        for name, nested in attribute.type.attributes.items():
            yield from _attribute_problems(nested, path / name)


def _block_problems(block: Block, path: Path) -> Iterator[str]:
    yield from _name_problems(path)
    limits = (block.min_items, block.max_items)
    if block.nesting == "single" and limits not in ((0, 0), (1, 1)):
        yield f"{path}: a single block has limits 0, 0 or 1, 1"
    if block.nesting in ("group", "map") and limits != (0, 0):
        yield f"{path}: no limits on a {block.nesting}"
    if min(limits) < 0 or 0 < block.max_items < block.min_items:
        yield f"{path}: min_items is above max_items, or one of them below 0"
    yield from _set_problems(block, path)


def _name_problems(path: Path) -> Iterator[str]:
    if not _NAME.match(str(path[-1])):
        yield f"{path}: a name is made of a-z, 0-9 and _"


def _set_problems(body: Block | Nested, path: Path) -> Iterator[str]:
    if body.nesting == "set" and (contains_dynamic(body.element_type) or _anywhere(body, _not_in_sets)):
        yield f"{path}: neither dynamic, write_only nor normalize inside a set, at any depth"


def _not_in_sets(attribute: Attribute) -> bool:
    return attribute.write_only or attribute.normalize is not None


def _anywhere(body: Body, is_so: Callable[[Attribute], bool]) -> bool:
    for attribute in body.attributes.values():
        if is_so(attribute) or (isinstance(attribute.type, Nested) and _anywhere(attribute.type, is_so)):
            return True
    return any(_anywhere(block, is_so) for block in body.blocks.values())
