"""The settings schemas of the simulated environment, in each release that they were published in.

A file under `schemas/` has one schema in the form of `GET /settings/schemas/{id}`, and under `releases` what differs
from release to release: the `version`, and the values of enums. `titles` has the display name of each value.
Source: docs/design/0008-sources.md#aws-connection-schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

Schema = Mapping[str, Any]

RELEASES = ("0.0.24", "0.0.26", "345")
"""What `--release` takes, oldest first: versions of the AWS schema, and the Dynatrace release after which the official
provider was updated without saying a version. The sandbox gives that schema the version 0.0.27, which is inferred."""

NEWEST = RELEASES[-1]


def load_schemas(release: str = NEWEST) -> dict[str, Schema]:
    """Return every schema of a release by its id."""
    return {schema["schemaId"]: schema for schema in (_schema(file, release) for file in _files())}


def load_versions(release: str = NEWEST) -> dict[tuple[str, str], Schema]:
    """Return every schema by its id and its version, as far as an environment of this release knows them."""
    known = RELEASES[: RELEASES.index(release) + 1]
    schemas = (_schema(file, each) for file in _files() for each in known)
    return {(schema["schemaId"], schema["version"]): schema for schema in schemas}


def _files() -> Iterator[Mapping[str, Any]]:
    for file in (resources.files(__package__) / "schemas").iterdir():
        if file.name.endswith(".json"):
            yield json.loads(file.read_text("utf-8"))


def _schema(file: Mapping[str, Any], release: str) -> Schema:
    changes, enums = file["releases"][release], dict(file["schema"]["enums"])
    for name, values in changes["enums"].items():
        items = [{"value": value, "displayName": file["titles"][value]} for value in values]
        enums[name] = enums[name] | {"items": items}
    return {**file["schema"], "version": changes["version"], "enums": enums}
