"""Checks a planned connection before anything is written: whether Dynatrace will accept it.

`check_create`, `check_rename` and `check_delete` send `validateOnly` requests, which change nothing.
Source: docs/design/0008-sources.md#settings-api.

For many new connections, Dynatrace is asked once for what they have in common: `Decision`. Only their names differ
then, and these are compared with one list of the connections that exist, by the rules of the environment's schema.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from terraform_plugin import Error, Path, warn
from terraform_provider_dynatrace.client.errors import DynatraceError, Forbidden, NotAuthenticated, Rejected, Violation
from terraform_provider_dynatrace.connections.kinds import allowed_consumers, details_of
from terraform_provider_dynatrace.connections.name_rules import NameRules, name_rules
from terraform_provider_dynatrace.settings.decision import Decision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant
    from terraform_provider_dynatrace.connections.kinds import ConnectionType
    from terraform_provider_dynatrace.connections.planned import PlannedConnections, ReplacedConnection
    from terraform_provider_dynatrace.settings.model import SettingsObject
    from terraform_provider_dynatrace.settings.objects import SettingsObjects


logger = logging.getLogger(__name__)

_VALIDATED = 2
"""Requests that validate new connections in any case: those for one, and for the others of the first ten."""


class PlanChecks:
    """Checks planned connections of one type. Methods raise `Error`, or a group of them, and warn."""

    def __init__(
        self, tenant: Tenant | UnconfiguredTenant, connection_type: ConnectionType, planned: PlannedConnections
    ) -> None:
        self._tenant = tenant
        self._type = connection_type
        self._planned = planned
        self._decisions: dict[bytes, Decision] = {}
        self._rules: NameRules | None = None
        self._are_rules_read = False
        self._reading_rules = asyncio.Lock()

    @property
    def _connections(self) -> SettingsObjects:
        return self._tenant.settings(self._type.schema_id)

    async def check_create(self, value: Mapping[str, Any], replaced: ReplacedConnection | None) -> None:
        """Check that a connection with this settings value can be created. `replaced` is deleted first."""
        # While Terraform applies, it plans each resource once more, right before Dynatrace checks the create itself.
        if self._connections.has_created:
            return
        decision = self._decisions.setdefault(_without_its_name(value), Decision())
        rules = await self._name_rules() if decision.is_expected else None
        if rules is None or not await decision.wait():
            await self._validate_create(value, replaced, decision)
            return
        if isinstance(decision.refusal, Rejected):
            mistakes = [decision.refusal.at(self._type.paths())]
        elif decision.refusal is None:
            mistakes = []
        else:
            raise decision.refusal.replace()
        _raise_all([*self._mistakes_in_name(rules, value["name"], replaced), *mistakes])

    async def _name_rules(self) -> NameRules | None:
        """Return the rules for names, None as long as Dynatrace has to validate each name.

        How many connections Terraform is going to plan is not known. So what exists is read as soon as validating has
        cost more requests than that will.
        """
        connections = self._connections
        async with self._reading_rules:
            worth = connections.validations - _VALIDATED
            if not self._are_rules_read and connections.list_requests <= worth:
                listed, schema = await asyncio.gather(
                    connections.is_listed(worth), connections.schema(), return_exceptions=True
                )
                if listed is not False:
                    self._rules, self._are_rules_read = _rules(listed, schema), True
        return self._rules

    async def _validate_create(
        self, value: Mapping[str, Any], replaced: ReplacedConnection | None, decision: Decision
    ) -> None:
        """Let Dynatrace validate the whole value, and note the decision for all values that differ only in the name."""
        with decision.asking():
            try:
                await self._connections.validate(value)
                decision.settle()
            except Rejected as rejected:
                refusal = await self._with_allowed_consumers(rejected, value)
                if shared := _about_authentication(refusal, self._type):
                    decision.settle(refusal.replace(violations=shared))
                _raise_all(await self._mistakes(refusal, value["name"], replaced))
            except (Forbidden, NotAuthenticated) as failure:
                decision.settle(failure)
                raise

    def _mistakes_in_name(
        self, rules: NameRules, name: str, replaced: ReplacedConnection | None
    ) -> Iterator[Exception]:
        if violations := tuple(rules.violations(name)):
            yield Rejected(_REFUSED_NAME, violations=violations).at(self._type.paths())
        if rules.unique and not (replaced and replaced.name == name):
            for holder in self._connections.listed_as(name)[:1]:
                yield from self._about_holder(name, holder)

    async def check_may_create(self) -> None:
        """Check what can be known about a connection whose settings value is not known yet."""
        if not self._connections.has_created:
            await self._connections.check_may_create()

    async def check_rename(self, object_id: str, name: str) -> None:
        """Check that a connection can get another name."""
        if found := await self._connections.get(object_id):
            self._connections.check_operations(found)
            try:
                await self._connections.validate({**found.value, "name": name}, object_id)
            except Rejected as refusal:
                _raise_all(await self._mistakes(refusal, name, None))

    async def check_delete(self, object_id: str, name: str | None) -> None:
        """Check that the credential may delete a connection. No other failure prevents a destroy."""
        try:
            found = await self._connections.get(object_id)
            if found is not None:
                await self._connections.check_writable(found)
        except (Forbidden, NotAuthenticated) as failure:
            # The resource may be gone from the configuration; then Terraform shows no address with the error.
            note = f'The connection "{name}" ({object_id}) is planned to be destroyed.'
            raise failure.with_note(note) from failure.__cause__
        except DynatraceError:
            return

    async def refused_create(self, refusal: Rejected, name: str) -> Exception:
        """Return what to raise for a create that Dynatrace has refused: for a name in use, with an import block."""
        paths = self._type.paths()
        holder = None
        if any(violation.path == "name" for violation in refusal.violations):
            with suppress(DynatraceError):  # the refusal is what the user has to read
                holder = await self._connections.find_by_name(name)
        if holder is None or self._planned.is_managed(holder.object_id):
            return refusal.at(paths)
        taken = name_taken(self._type, name, holder.object_id, self._tenant.environment.url)
        return _one_of([taken, *_without_name(refusal, paths)])

    async def _with_allowed_consumers(self, refusal: Rejected, value: Mapping[str, Any]) -> Rejected:
        """Return a refusal of a consumer with those that this environment allows, as far as its schema can be read."""
        authentication = self._type.authentication_of(value)
        if authentication is None or not any("/consumers" in violation.path for violation in refusal.violations):
            return refusal
        try:
            allowed = allowed_consumers(await self._connections.schema(), authentication)
        except DynatraceError:  # for example without the scope settings:schemas:read
            return refusal
        if not allowed:
            return refusal
        hint = f"This environment allows: {', '.join(allowed[:50])}.{_nearest(value, allowed)}"
        return refusal.replace(
            violations=[
                replace(one, message=f"{one.message}\n\n{hint}") if "/consumers" in one.path else one
                for one in refusal.violations
            ]
        )

    async def _mistakes(self, refusal: Rejected, name: str, replaced: ReplacedConnection | None) -> list[Exception]:
        """Return what is wrong, except for a name that will be free by the time of the apply."""
        about_name = any(violation.path == "name" for violation in refusal.violations)
        if about_name and replaced and replaced.name == name:
            return [*_without_name(refusal, self._type.paths())]
        holder = await self._connections.find_by_name(name) if about_name else None
        if holder is None:
            return [refusal.at(self._type.paths())]
        return [*self._about_holder(name, holder), *_without_name(refusal, self._type.paths())]

    def _about_holder(self, name: str, holder: SettingsObject) -> Iterator[Error]:
        """Yield an error if another connection has the name for good, warn if this run may rename or delete it."""
        if not self._planned.is_managed(holder.object_id):
            yield name_taken(self._type, name, holder.object_id, self._tenant.environment.url)
            return
        warn(
            "The name is still in use",
            f'The connection {holder.object_id} in the same state has the name "{name}" until it is replaced, renamed '
            "or deleted. If that happens too late in this apply, Dynatrace rejects the name. In that case, run "
            "terraform apply again. If you only changed the label of the resource, add a `moved` block instead, which "
            "keeps the connection.",
            Path("name"),
        )


def _rules(listed: object, schema: Any) -> NameRules | None:
    """Return the rules for names, None if Dynatrace has to validate each name, because what exists cannot be read.

    Without the permission to read the schema, the rules that every configuration is checked by have to do.
    """
    for result in (listed, schema):
        if isinstance(result, BaseException) and not isinstance(result, DynatraceError):
            raise result
    if isinstance(listed, DynatraceError):
        logger.info("What exists cannot be read; names are validated one by one", extra={"reason": listed.summary})
        return None
    if isinstance(schema, DynatraceError):
        logger.info("The schema cannot be read", extra={"reason": schema.summary})
        return NameRules()
    return name_rules(schema)


def _raise_all(mistakes: Sequence[Exception]) -> None:
    if mistakes:
        raise _one_of(mistakes)


def _one_of(mistakes: Sequence[Exception]) -> Exception:
    return mistakes[0] if len(mistakes) == 1 else ExceptionGroup("several mistakes", mistakes)


_REFUSED_NAME = "Dynatrace would reject the name"


def _without_its_name(value: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({**value, "name": None}, order="sorted")


def _about_authentication(refusal: Rejected, connection_type: ConnectionType) -> tuple[Violation, ...]:
    """Return the violations in the properties that connections have in common. What else is wrong may be the name."""
    common = {"type", *(one.type for one in connection_type.authentications)}
    return tuple(one for one in refusal.violations if re.split(r"[/.]", one.path)[0] in common)


def _nearest(value: Mapping[str, Any], allowed: list[str]) -> str:
    import difflib  # noqa: PLC0415  # rarely needed, and not worth its import at every start

    consumer = str((details_of(value).get("consumers") or [""])[0])[:120]
    nearest = difflib.get_close_matches(consumer, allowed[:1000], 1)  # more would block the plan for seconds
    return f' Did you mean "{nearest[0]}"?' if nearest else ""


def name_taken(connection_type: ConnectionType, name: str, object_id: str, url: str) -> Error:
    """Return the error for a name that a connection outside of this state has."""
    return Error(
        "The name is already in use",
        f"""\
{url} already has a connection with the name "{name}". Names must be unique, so Dynatrace rejects a second one: "There \
is another connection defined under this name." To manage the existing connection with this resource, add:

  import {{
    to = {connection_type.type_name}.NAME # the address of this resource
    id = "{object_id}"
  }}

Otherwise, choose another name. If the existing connection is
  - the connection being replaced: remove create_before_destroy from this resource and from everything that refers to \
it, or change the name with every replacement;
  - this resource under another label: add a `moved` block, which keeps the connection;
  - another resource of this configuration that will get another name: apply that change first, because Terraform does \
not know which of them has to wait.""",
        Path("name"),
    )


def _without_name(refusal: Rejected, paths: Mapping[str, Path]) -> Iterator[Exception]:
    others = tuple(violation for violation in refusal.violations if violation.path != "name")
    if others:
        yield refusal.replace(violations=others).at(paths)
