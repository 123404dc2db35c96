"""A value against a settings schema: which constraints it breaks, and the value with the schema's defaults.

The schemas are the JSON files under `schemas/`, in the form that `GET /settings/schemas/{id}` has. Properties, types,
enums, constraints, preconditions and modification policies are read from there; nothing here knows AWS connections.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from dynatrace_sandbox.tenant.problems import Violation

Schema = Mapping[str, Any]
Value = dict[str, Any]


def load_schemas() -> dict[str, Schema]:
    """Return every schema of the pretend tenant by its id."""
    folder = resources.files(__package__) / "schemas"
    schemas = [json.loads(file.read_text("utf-8")) for file in folder.iterdir() if file.name.endswith(".json")]
    return {schema["schemaId"]: schema for schema in schemas}


def unique_rules(schema: Schema) -> list[tuple[str, str]]:
    """Return (property, message) of each uniqueness constraint of the schema."""
    rules = [rule for rule in schema["constraints"] if rule["type"] == "UNIQUE"]
    return [(name, rule["customMessage"]) for rule in rules for name in rule["uniqueProperties"]]


def complete(schema: Schema, value: Value) -> Value:
    """Return the value with the schema's defaults in the places that were left out."""
    return _Reader(schema).complete(schema["properties"], value)


def violations(schema: Schema, value: Any, before: Value | None = None) -> list[Violation]:
    """Return what is wrong with a value; `before` is the one it replaces, for what may not change."""
    if not isinstance(value, dict):
        return [Violation("", "Must be of type object")]
    return list(_Reader(schema).object(schema["properties"], value, before or {}, ""))


@dataclass(frozen=True)
class _Reader:
    """Goes through a value along its schema. `path` is the way to the place, `before` what was there."""

    schema: Schema

    def resolve(self, kind: Any) -> Any:
        """Return what a type stands for: `"text"`, or the enum or object type that a `$ref` points at."""
        if not isinstance(kind, dict):
            return kind
        section, name = kind["$ref"].removeprefix("#/").split("/")
        return self.schema[section][name]

    def complete(self, properties: Mapping[str, Any], value: Value) -> Value:
        done = dict(value)
        for name, rule in properties.items():
            kind = self.resolve(rule["type"])
            if name in value and isinstance(kind, dict) and "properties" in kind:
                done[name] = self.complete(kind["properties"], value[name])
            elif name not in value and "default" in rule:
                done[name] = rule["default"]
        return done

    def object(self, properties: Mapping[str, Any], value: Value, before: Value, path: str) -> Iterator[Violation]:
        for name in value.keys() - properties.keys():
            yield Violation(path + name, "Unknown property")
        for name, rule in properties.items():
            if not _precondition_holds(rule, value):
                if value.get(name) is not None:
                    yield Violation(path + name, "Must not be set because its precondition is not fulfilled")
            elif value.get(name) is not None:
                yield from self.property(rule, value[name], before.get(name), path + name)
            elif name in value or "default" not in rule:
                yield Violation(path + name, "Must not be null")

    def property(self, rule: Mapping[str, Any], given: Any, before: Any, path: str) -> Iterator[Violation]:
        if rule.get("modificationPolicy") == "NEVER" and before not in (None, given):
            yield Violation(path, "Must not be modified")
        kind = self.resolve(rule["type"])
        if kind == "text":
            yield from _text(rule, given, before, path)
        elif kind == "list":
            yield from self.list(rule, given, path)
        elif kind["type"] == "enum":
            yield from _enum(kind, given, path)
        elif not isinstance(given, dict):
            yield Violation(path, "Must be of type object")
        else:
            yield from self.object(kind["properties"], given, before or {}, path + "/")

    def list(self, rule: Mapping[str, Any], given: Any, path: str) -> Iterator[Violation]:
        if not isinstance(given, list):
            yield Violation(path, "Must be of type list")
            return
        if not rule["minObjects"] <= len(given) <= rule["maxObjects"]:
            yield Violation(path, f"Must have between {rule['minObjects']} and {rule['maxObjects']} elements")
        for position, element in enumerate(given):
            yield from self.property(rule["items"], element, None, f"{path}/{position}")


def _precondition_holds(rule: Mapping[str, Any], value: Value) -> bool:
    condition = rule.get("precondition")
    return condition is None or value.get(condition["property"]) == condition["expectedValue"]


def _enum(kind: Mapping[str, Any], given: Any, path: str) -> Iterator[Violation]:
    allowed = [item["value"] for item in kind["items"]]
    if given not in allowed:
        yield Violation(path, f"Unknown enum value '{given}', allowed are: {', '.join(allowed)}")


def _text(rule: Mapping[str, Any], given: Any, before: Any, path: str) -> Iterator[Violation]:
    if not isinstance(given, str):
        yield Violation(path, "Must be of type text")
        return
    for constraint in rule.get("constraints", []):
        if message := _text_violation(constraint, given, before):
            yield Violation(path, message)


def _text_violation(constraint: Mapping[str, Any], given: str, before: Any) -> str | None:
    match constraint["type"]:
        case "LENGTH":
            least, most = constraint.get("minLength", 0), constraint["maxLength"]
            return None if least <= len(given) <= most else f"Must have between {least} and {most} characters"
        case "PATTERN":
            matches = _pattern(constraint["pattern"]).fullmatch(given)
            return None if matches else f"Must match the pattern {constraint['pattern']}"
        case "CUSTOM_VALIDATOR_REF" if constraint["validatorId"] == "write-once":
            return "Cannot be changed once it has been set" if before and given != before else None
    return None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)
