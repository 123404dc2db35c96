"""The results of a run of Terraform: messages, plans and failures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """An error or a warning. `address` is the resource it is about, `code` the line of the configuration it shows."""

    severity: str
    summary: str
    detail: str
    address: str
    code: str

    @classmethod
    def parse(cls, diagnostic: Json) -> Message:
        """Source: Terraform's JSON form of a diagnostic."""
        code = (diagnostic.get("snippet") or {}).get("code", "").strip()
        text = (diagnostic["severity"], diagnostic["summary"], diagnostic.get("detail", ""))
        return cls(*text, diagnostic.get("address", ""), code)

    def __str__(self) -> str:
        return "\n".join(filter(None, (f"{self.severity}: {self.summary}", self.address, self.code, self.detail)))


@dataclass(frozen=True)
class Result:
    """What a command printed. With `-json` every line is an event; `messages` are the errors and warnings of them."""

    arguments: Sequence[str]
    code: int
    printed: str

    @cached_property
    def messages(self) -> list[Message]:
        return [Message.parse(event["diagnostic"]) for event in self._events if "diagnostic" in event]

    @property
    def errors(self) -> list[Message]:
        return [message for message in self.messages if message.severity == "error"]

    @property
    def warnings(self) -> list[Message]:
        return [message for message in self.messages if message.severity == "warning"]

    @property
    def output(self) -> str:
        """What a user would have read, without colors and line wrapping."""
        if not self._events:
            return self.printed
        texts = (event.get("@message", "") for event in self._events if "diagnostic" not in event)
        return "\n".join([*texts, *map(str, self.messages)])

    @cached_property
    def _events(self) -> list[Json]:
        if "-json" not in self.arguments:
            return []
        return [json.loads(line) for line in self.printed.splitlines() if line.startswith("{")]


class TerraformFailed(Exception):
    """A command failed. `errors` are its error messages, `output` is everything that it printed."""

    def __init__(self, result: Result) -> None:
        super().__init__(f"terraform {' '.join(result.arguments)} ended with {result.code}:\n{result.output}")
        self.errors = result.errors
        self.output = result.output


class PlanNotEmpty(AssertionError):
    """After an apply, Terraform plans another change: the provider did not return what was planned."""


class Plan:
    """A plan. Source: `terraform show -json` of a saved plan (docs/design/0008-sources.md#terraform-cli)."""

    def __init__(self, result: Result, shown: Json) -> None:
        self.warnings = result.warnings
        self.output = result.output
        self.json = shown
        self._changes = {change["address"]: change["change"] for change in shown.get("resource_changes", [])}
        self.empty = result.code == 0

    @property
    def changes(self) -> dict[str, list[str]]:
        """The actions by resource address, where there are any."""
        return {name: change["actions"] for name, change in self._changes.items() if change["actions"] != ["no-op"]}

    def actions(self, address: str) -> list[str]:
        """Return "create", "update", "delete", "read", "no-op"; a replacement is two of them in their order."""
        actions: list[str] = self._changes[address]["actions"]
        return actions

    def before(self, address: str) -> Json | None:
        """Return the values now, or None."""
        values: Json | None = self._changes[address]["before"]
        return values

    def values(self, address: str) -> Json | None:
        """Return the planned values, or None; those not known yet are absent."""
        values: Json | None = self._changes[address]["after"]
        return values

    def unknown(self, address: str) -> Json:
        """Return which values are known only after the apply: `{"id": True}`."""
        values: Json = self._changes[address]["after_unknown"]
        return values

    def replaced_by(self, address: str) -> list[list[str | int]]:
        """Return the paths whose change needs another resource."""
        paths: list[list[str | int]] = self._changes[address].get("replace_paths", [])
        return paths
