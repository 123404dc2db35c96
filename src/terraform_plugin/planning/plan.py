"""What a configuration means for a resource: pure, in Terraform's order.

1. what is configured; else the default; else, for computed values, what was before
2. if that changes anything: computed values become unknown, except those that use the state
3. which of the changes need another resource

The resource's own `plan` comes after this, in `rpc`. Source: the rules Terraform checks a plan against ("planned value
… does not match config value", block counts, unknown blocks), and the plan order of HashiCorp's own framework.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from terraform_plugin.cty.types import UNKNOWN, Unknown, Value, is_wholly_known
from terraform_plugin.planning.replacement import is_fixed, replacing
from terraform_plugin.planning.set_matching import matching_prior
from terraform_plugin.resource import Change
from terraform_plugin.schema import NO_DEFAULT, Attribute, Block, Body, Nested, Schema
from terraform_plugin.state.objects import absent, equal
from terraform_plugin.state.state import State

Fill = Callable[[Attribute, Value, bool], Value]
"""What a computed attribute without configuration is planned to be: from its prior value, and whether there was any."""


def plan(schema: Schema, prior: State | None, config: State | None, prior_private: bytes = b"") -> Change:
    """Return what Terraform should do: `config` is None for a destroy, `prior` is None for a create."""
    if config is None:
        return Change(prior, None, {}, (), prior_private)
    kept = _merge(schema, config, prior, _keep_prior)
    if prior is not None and equal(schema.element_type, kept, prior):
        return Change(prior, State(prior, private=prior.private, config=config), config, (), prior_private)
    planned = State(_merge(schema, config, prior, _unknown_unless_state_is_used), config=config)
    if prior is None:
        return Change(None, planned, config, (), prior_private)
    requires_replace = tuple(replacing(schema, prior, planned))
    planned = State(planned, private=prior.private, config=config)
    return Change(prior, planned, config, requires_replace, prior_private)


def _keep_prior(_: Attribute, prior: Value, __: bool) -> Value:  # noqa: FBT001  # a `Fill`
    return prior


def _unknown_unless_state_is_used(attribute: Attribute, prior: Value, existed: bool) -> Value:  # noqa: FBT001  # a `Fill`
    return prior if existed and (attribute.use_state_for_unknown or is_fixed(attribute)) else UNKNOWN


def _unknown_unless_there(_: Attribute, prior: Value, existed: bool) -> Value:  # noqa: FBT001  # a `Fill`
    return prior if existed else UNKNOWN


def _inside(item: Attribute | Block, fill: Fill) -> Fill:
    """What cannot change without another resource is not touched by an update."""
    return _unknown_unless_there if item.requires_replace and fill is _unknown_unless_state_is_used else fill


def _merge(body: Body, config: Mapping[str, Value], prior: Mapping[str, Value] | None, fill: Fill) -> dict[str, Value]:
    before = prior or {}
    existed = prior is not None
    merged = {
        name: _attribute(attribute, config[name], before.get(name), fill, existed=existed)
        for name, attribute in body.attributes.items()
    }
    return merged | {
        name: _nested(block, config[name], before.get(name), _inside(block, fill))
        for name, block in body.blocks.items()
    }


def _attribute(attribute: Attribute, config: Value, prior: Value, fill: Fill, *, existed: bool) -> Value:
    if attribute.write_only:
        return None
    if config is None and attribute.default is NO_DEFAULT:
        return fill(attribute, prior, existed) if attribute.computed else None
    value = attribute.default if config is None else config
    if attribute.normalize and value is not None and is_wholly_known(value):
        value = attribute.normalize(value)
    if isinstance(attribute.type, Nested):
        return _nested(attribute.type, value, prior, _inside(attribute, fill))
    return value


def _nested(body: Block | Nested, config: Value, prior: Value, fill: Fill) -> Value:
    """Merge what is nested, element by element: lists by index, maps by key, sets by what is configured."""
    if config is None or isinstance(config, Unknown):
        return absent(body) if config is None and isinstance(body, Block) else config

    def one(item: Value, before: Value) -> Value:
        known = isinstance(before, dict)
        return _merge(body, item, before if known else None, fill) if isinstance(item, dict) else item

    match body.nesting:
        case "single" | "group":
            return one(config, prior)
        case "map":
            before = prior if isinstance(prior, dict) else {}
            return {key: one(item, before.get(key)) for key, item in config.items()}
    elements = prior if isinstance(prior, list) else []
    if body.nesting == "set":
        elements = matching_prior(body, config, elements)
    return [one(item, elements[index] if index < len(elements) else None) for index, item in enumerate(config)]
