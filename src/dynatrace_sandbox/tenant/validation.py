"""A value against a settings schema: its defaults, and the constraints that it breaks.

Properties, types, enums, constraints, preconditions and modification policies come from the schema; nothing here knows
AWS connections. Source: docs/design/0008-sources.md#settings-schemas.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dynatrace_sandbox.tenant.problems import Violation
from dynatrace_sandbox.tenant.releases import Schema

Value = dict[str, Any]
Rule = Mapping[str, Any]
"""The definition of a property, of the items of a list, or a constraint."""


def unique_rules(schema: Schema) -> list[tuple[tuple[str, ...], str]]:
    """Return (properties, message) of each uniqueness constraint: together, the properties must be unique."""
    rules = [rule for rule in schema["schemaConstraints"] if rule["type"] == "UNIQUE"]
    return [(tuple(rule["uniqueProperties"]), rule["customMessage"]) for rule in rules]


def complete(schema: Schema, value: Any) -> Any:
    """Return the value with the schema's defaults for properties that are missing."""
    return _SchemaReader(schema).complete(schema["properties"], value)


def repair(schema: Schema, value: Any) -> Any:
    """Return the value as `repairInput` mends it.

    Properties whose precondition is not met are dropped, a null list is an empty list, and any other null that is not
    allowed counts as missing. What the undocumented parameter really does is inferred from its name, and from what its
    users send with it and expect to read: docs/design/0008-sources.md#settings-api.
    """
    return _SchemaReader(schema).repair(schema["properties"], value)


def violations(schema: Schema, value: Any, before: Value | None = None) -> list[Violation]:
    """Return what is wrong with a complete value; `before` is the value that it replaces, if any."""
    if not isinstance(value, dict):
        return [Violation("", "Must be of type object")]
    return list(_SchemaReader(schema).object(schema["properties"], value, before or {}, ""))


@dataclass(frozen=True)
class _SchemaReader:
    """Walks through a value along its schema. `path` leads to the place; `before` is what was there."""

    schema: Schema

    def resolve(self, kind: Any) -> Any:
        """Return a type: `"text"`, or the enum or object type that a `$ref` points at."""
        if not isinstance(kind, dict):
            return kind
        section, name = kind["$ref"].removeprefix("#/").split("/")
        return self.schema[section][name]

    def complete(self, properties: Mapping[str, Rule], value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        missing = {name: rule for name, rule in properties.items() if name not in value and "default" in rule}
        completed = value | {name: _default(rule) for name, rule in missing.items()}
        return completed | {
            name: self.complete(nested, completed[name])
            for name, nested in self._nested(properties)
            if name in completed
        }

    def repair(self, properties: Mapping[str, Rule], value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        completed = self.complete(properties, value)
        dropped = {name for name, rule in properties.items() if not _applies(rule, completed)}
        nulls = {
            name
            for name, rule in properties.items()
            if name in value and value[name] is None and not rule.get("nullable", False)
        }
        kept = {name: part for name, part in value.items() if name not in dropped | nulls}
        kept |= {name: [] for name in nulls - dropped if properties[name]["type"] == "list"}
        return kept | {
            name: self.repair(nested, kept[name]) for name, nested in self._nested(properties) if name in kept
        }

    def _nested(self, properties: Mapping[str, Rule]) -> Iterator[tuple[str, Mapping[str, Rule]]]:
        """Yield each property that is an object, with the properties of that."""
        for name, rule in properties.items():
            kind = self.resolve(rule["type"])
            if isinstance(kind, dict) and "properties" in kind:
                yield name, kind["properties"]

    def object(self, properties: Mapping[str, Rule], value: Value, before: Value, path: str) -> Iterator[Violation]:
        for name in value.keys() - properties.keys():
            yield Violation(path + name, "Unknown property")
        for name, rule in properties.items():
            part = value.get(name)
            if not _applies(rule, value):
                # Inferred: no source says what happens to a property whose precondition is not met.
                if part is not None:
                    yield Violation(path + name, "Must not be set because its precondition is not met")
            elif part is not None:
                yield from self.property(rule, part, before.get(name), path + name)
            elif not rule.get("nullable", False):
                yield Violation(path + name, "Must not be null")

    def property(self, rule: Rule, value: Any, before: Any, path: str) -> Iterator[Violation]:
        if rule.get("modificationPolicy") == "NEVER" and before not in (None, value):
            yield Violation(path, "Must not be modified")
        kind = self.resolve(rule["type"])
        if kind == "text":
            yield from _text(rule, value, path)
        elif kind == "list":
            yield from self.list(rule, value, path)
        elif kind["type"] == "enum":
            yield from _enum(kind, value, path)
        elif not isinstance(value, dict):
            yield Violation(path, "Must be of type object")
        else:
            yield from self.object(kind["properties"], value, before or {}, path + "/")

    def list(self, rule: Rule, value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield Violation(path, "Must be of type list")
            return
        if not rule["minObjects"] <= len(value) <= rule["maxObjects"]:
            yield Violation(path, f"Must have {rule['minObjects']} to {rule['maxObjects']} elements")
        for position, element in enumerate(value):
            yield from self.property(rule["items"], element, None, f"{path}/{position}")


def _default(rule: Rule) -> Any:
    """Return a property's default. For a collection, null means an empty one."""
    is_collection = rule["type"] == "list"
    return [] if rule["default"] is None and is_collection else rule["default"]


def _applies(rule: Rule, value: Value) -> bool:
    """Return whether a property's precondition is met by the properties next to it."""
    return "precondition" not in rule or _is_met(rule["precondition"], value)


def _is_met(condition: Rule, value: Value) -> bool:
    match condition["type"]:
        case "AND":
            return all(_is_met(each, value) for each in condition["preconditions"])
        case "OR":
            return any(_is_met(each, value) for each in condition["preconditions"])
        case "NOT":
            return not _is_met(condition["precondition"], value)
        case kind:
            return _TESTS[kind](condition, value.get(condition["property"]))


_TESTS: Mapping[str, Callable[[Rule, Any], bool]] = {
    "EQUALS": lambda condition, part: bool(part == condition["expectedValue"]),
    "IN": lambda condition, part: part in condition["expectedValues"],
    "NULL": lambda _, part: part is None,
    "REGEX_MATCH": lambda condition, part: isinstance(part, str) and _is_match(condition["pattern"], part),
}


def _enum(kind: Rule, value: Any, path: str) -> Iterator[Violation]:
    allowed = [item["value"] for item in kind["items"]]
    if value not in allowed:
        yield Violation(path, f"Unknown enum value '{value}', allowed are: {', '.join(allowed)}")


def _text(rule: Rule, value: Any, path: str) -> Iterator[Violation]:
    if not isinstance(value, str):
        yield Violation(path, "Must be of type text")
        return
    for constraint in rule.get("constraints", []):
        if message := _text_violation(constraint, value):
            yield Violation(path, message)


def _text_violation(constraint: Rule, value: str) -> str | None:
    match constraint["type"]:
        case "LENGTH":
            least, most = constraint.get("minLength", 0), constraint["maxLength"]
            message = f"Must have {least} to {most} characters"
            return None if least <= len(value) <= most else constraint.get("customMessage", message)
        case "PATTERN":
            message = f"Must match the pattern {constraint['pattern']}"
            return None if _is_match(constraint["pattern"], value) else constraint.get("customMessage", message)
    return None


def _is_match(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=100)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
