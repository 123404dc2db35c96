"""Installed extensions and their monitoring configurations, as the platform's Extensions API has them. No HTTP in it.

Source: docs/design/0008-sources.md#extensions-api. What is particular to one extension is a `Checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from dynatrace_sandbox.tenant.access import Caller
from dynatrace_sandbox.tenant.object_ids import new_object_id
from dynatrace_sandbox.tenant.problems import Problem, Violation
from dynatrace_sandbox.tenant.validation import Value


class Checks(Protocol):
    """What one extension accepts as a value, and what else happens with its monitoring configurations."""

    @property
    def scope(self) -> str:
        """The only scope that its configurations can have."""

    def schemas(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the schema of each version in the Hub, oldest first."""

    def violations(self, value: Value, others: Sequence[Value]) -> list[Violation]:
        """Return what is wrong with a value; `others` are the values of all other configurations."""

    def complete(self, value: Value) -> Value:
        """Return the value with what the server adds to it."""

    def deleted(self, value: Value) -> None:
        """Do what follows from the deletion of a configuration."""


@dataclass(frozen=True)
class MonitoringConfiguration:
    """One monitoring configuration; a change makes a new one. Times are seconds since 1970."""

    id: str
    scope: str
    value: Value
    created_by: str
    created: float
    modified_by: str
    modified: float

    def as_json(self) -> dict[str, Any]:
        """Return the `ExtensionMonitoringConfiguration` of the API."""
        info = {
            "createdBy": self.created_by,
            "createdTime": _time(self.created),
            "lastModifiedBy": self.modified_by,
            "lastModifiedTime": _time(self.modified),
        }
        return {"objectId": self.id, "scope": self.scope, "value": self.value, "modificationInfo": info}


class Extension:
    """One extension: its versions in the environment, and its monitoring configurations.

    `installed`: whether the environment begins with all versions, or with none. `clock` gives seconds since 1970.
    Every method raises `Problem` where Dynatrace refuses.
    """

    def __init__(self, name: str, checks: Checks, clock: Callable[[], float], *, installed: bool) -> None:
        self.name = name
        self._checks = checks
        self._clock = clock
        self._installed = installed
        self.reset()

    def reset(self) -> None:
        """Delete every configuration, and have the versions that the environment began with."""
        self._versions = list(self._checks.schemas()) if self._installed else []
        self._configurations: dict[str, MonitoringConfiguration] = {}

    def install(self, version: str | None) -> str:
        """Install a version from the Hub, by default the newest one, and return it."""
        wanted = version or list(self._checks.schemas())[-1]
        if wanted not in self._checks.schemas():
            raise Problem(404, f"Extension {self.name} version {wanted} does not exist in the Hub.")
        if wanted in self._versions:
            raise Problem(409, f"Extension {self.name} version {wanted} is already installed.")
        self._versions.append(wanted)
        return wanted

    def versions(self) -> list[str]:
        """Return the installed versions."""
        if not self._versions:
            raise Problem(404, f"Extension {self.name} does not exist.")
        return self._versions

    def active_version(self) -> str:
        """Return the active version: the one that was installed last (inferred)."""
        return self.versions()[-1]

    def schema(self, version: str) -> Mapping[str, Any]:
        """Return the schema of the configurations of an installed version."""
        if version not in self.versions():
            raise Problem(404, f"Extension {self.name} version {version} does not exist.")
        return self._checks.schemas()[version]

    def stored(self) -> list[MonitoringConfiguration]:
        """Return the configurations, oldest first, whether the extension is installed or not."""
        return list(self._configurations.values())

    def configurations(self) -> list[MonitoringConfiguration]:
        """Return the configurations, oldest first."""
        self.versions()
        return self.stored()

    def configuration(self, object_id: str) -> MonitoringConfiguration:
        """Return a configuration."""
        self.versions()
        if object_id not in self._configurations:
            raise Problem(404, f"Monitoring configuration with id '{object_id}' does not exist.")
        return self._configurations[object_id]

    def create(self, caller: Caller, body: Any) -> MonitoringConfiguration:
        """Create the configuration in the body of a POST."""
        self.versions()
        if not isinstance(body, Mapping):
            raise Problem(400, "Could not map JSON: the request body must be an object with scope and value.")
        scope = body.get("scope")
        if scope != self._checks.scope:
            raise Problem(400, "Constraints violated.", Violation("scope", f"Must be '{self._checks.scope}'"))
        value = self._checked(body.get("value"), None)
        now = self._clock()
        created = MonitoringConfiguration(
            new_object_id(f"ext:{self.name}"), scope, value, caller.name, now, caller.name, now
        )
        self._configurations[created.id] = created
        return created

    def update(self, caller: Caller, object_id: str, body: Any) -> MonitoringConfiguration:
        """Replace the whole value of a configuration by that in the body of a PUT. The scope stays."""
        before = self.configuration(object_id)
        if not isinstance(body, Mapping):
            raise Problem(400, "Could not map JSON: the request body must be an object with a value.")
        value = self._checked(body.get("value"), object_id)
        updated = replace(before, value=value, modified_by=caller.name, modified=self._clock())
        self._configurations[object_id] = updated
        return updated

    def delete(self, object_id: str) -> None:
        """Delete a configuration."""
        found = self.configuration(object_id)
        del self._configurations[object_id]
        self._checks.deleted(found.value)

    def _checked(self, value: Any, object_id: str | None) -> Value:
        if not isinstance(value, dict):
            raise Problem(400, "Constraints violated.", Violation("value", "Must be an object"))
        others = [one.value for one in self._configurations.values() if one.id != object_id]
        found = self._checks.violations(value, others)
        if value.get("version") not in self._versions:
            found.append(Violation("version", f"Version {value.get('version')} is not installed"))
        if found:
            raise Problem(400, "Constraints violated.", *(one.below("value") for one in found))
        return self._checks.complete(value)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
