"""What a configuration means for a resource: pure functions, in the order of Terraform's own framework.

1. What is configured; else the default; else, for computed values, what was before.
2. If that changes anything, computed values become unknown, except those that use the state.
3. Which of the changes need another resource.

The resource's own `plan` comes after this, in `rpc`. Source: the rules that Terraform checks a plan against ("planned
value … does not match config value", block counts, unknown blocks), docs/design/0008-sources.md#terraform-core.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from terraform_plugin.cty.types import UNKNOWN, Unknown, Value, is_wholly_known
from terraform_plugin.planning.replacement import may_require_replace, replacing_paths
from terraform_plugin.planning.set_matching import matching_prior
from terraform_plugin.resource import Change
from terraform_plugin.schema import NO_DEFAULT, Attribute, Block, Body, Nested, Schema
from terraform_plugin.state.objects import absent, equal
from terraform_plugin.state.state import State

Fill = Callable[[Attribute, Value, bool], Value]
"""Returns the planned value of a computed attribute that is not configured, from its prior value and whether the object
that it is part of existed before."""


def plan(schema: Schema, prior: State | None, config: State | None, prior_private: bytes = b"") -> Change:
    """Return what Terraform should do: `config` is None for a destroy, `prior` is None for a create."""
    if config is None:
        return Change(prior, None, {}, (), prior_private)
    # First as if nothing changed. Computed values only become unknown if something else does: otherwise every plan
    # would have a change. If nothing changes, the prior state is returned in its own spelling (the order of sets, for
    # example).
    unchanged = _merge(schema, config, prior, _keep_prior)
    if prior is not None and equal(schema.element_type, unchanged, prior):
        return Change(prior, State(prior, private=prior.private, config=config), config, (), prior_private)
    planned = State(_merge(schema, config, prior, _unknown_unless_state_is_used), config=config)
    if prior is None:
        return Change(None, planned, config, (), prior_private)
    requires_replace = tuple(replacing_paths(schema, prior, planned))
    planned = State(planned, private=prior.private, config=config)
    return Change(prior, planned, config, requires_replace, prior_private)


def _keep_prior(_: Attribute, prior: Value, __: bool) -> Value:  # noqa: FBT001  # a `Fill`
    return prior


def _unknown_unless_state_is_used(attribute: Attribute, prior: Value, existed: bool) -> Value:  # noqa: FBT001  # a `Fill`
    return prior if existed and (attribute.use_state_for_unknown or may_require_replace(attribute)) else UNKNOWN


def _unknown_unless_existed(_: Attribute, prior: Value, existed: bool) -> Value:  # noqa: FBT001  # a `Fill`
    return prior if existed else UNKNOWN


def _fill_inside(member: Attribute | Block, fill: Fill) -> Fill:
    """Return how computed values inside `member` are filled in.

    If any change in it requires a replacement, an update keeps all of it. An unknown value there would differ from the
    prior one, so every update would become a replacement.
    """
    return _unknown_unless_existed if member.requires_replace and fill is _unknown_unless_state_is_used else fill


def _merge(body: Body, config: Mapping[str, Value], prior: Mapping[str, Value] | None, fill: Fill) -> dict[str, Value]:
    before = prior or {}
    existed = prior is not None
    merged = {
        name: _attribute(attribute, config[name], before.get(name), fill, existed=existed)
        for name, attribute in body.attributes.items()
    }
    return merged | {
        name: _nested(block, config[name], before.get(name), _fill_inside(block, fill))
        for name, block in body.blocks.items()
    }


def _attribute(attribute: Attribute, config: Value, prior: Value, fill: Fill, *, existed: bool) -> Value:
    if attribute.write_only:
        return None  # Terraform refuses a plan that contains one
    if config is None and attribute.default is NO_DEFAULT:
        return fill(attribute, prior, existed) if attribute.computed else None
    value = attribute.default if config is None else config
    if attribute.normalize and value is not None:
        # What Terraform knows of an unknown value need not hold for the normalized one: "HTTPS://${unknown}" begins
        # with "HTTPS://", and in lowercase it does not. So an unknown value is planned without its refinement, and a
        # list or object with unknown parts is planned as unknown.
        value = attribute.normalize(value) if is_wholly_known(value) else UNKNOWN
    if attribute.nested is not None:
        return _nested(attribute.nested, value, prior, _fill_inside(attribute, fill))
    return value


def _nested(body: Block | Nested, config: Value, prior: Value, fill: Fill) -> Value:
    """Merge what is nested, element by element: lists by index, maps by key, sets by what is configured."""
    if config is None or isinstance(config, Unknown):
        return absent(body) if config is None and isinstance(body, Block) else config

    def merge(element: Value, before: Value) -> Value:
        existing = before if isinstance(before, dict) else None
        return _merge(body, element, existing, fill) if isinstance(element, dict) else element

    match body.nesting:
        case "single" | "group":
            return merge(config, prior)
        case "map":
            before = prior if isinstance(prior, dict) else {}
            return {key: merge(element, before.get(key)) for key, element in config.items()}
    elements = prior if isinstance(prior, list) else []
    if body.nesting == "set":
        elements = matching_prior(body, config, elements)
    return [merge(element, elements[index] if index < len(elements) else None) for index, element in enumerate(config)]
