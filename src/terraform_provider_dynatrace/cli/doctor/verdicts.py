"""What `doctor aws --all` reports: one row for each connection, with its verdict. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import Enum

from msgspec import Struct

from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome
from terraform_provider_dynatrace.aws.role_arn import account_of
from terraform_provider_dynatrace.cli.doctor.monitoring import Monitored


class Verdict(Enum):
    """Whether Dynatrace can use a connection."""

    FAILS = "fails"
    """A check failed, so Dynatrace cannot assume the role."""
    NOT_CHECKED = "not checked"
    """No check failed, but some could not be made."""
    OK = "ok"
    """All checks passed. There can be warnings."""


def verdict_of(findings: Sequence[Finding]) -> Verdict:
    """Return what follows from the findings about one connection. Warnings do not count."""
    outcomes = {finding.outcome for finding in findings}
    if Outcome.FAILED in outcomes:
        return Verdict.FAILS
    return Verdict.NOT_CHECKED if Outcome.NOT_CHECKED in outcomes else Verdict.OK


class Row(Struct, frozen=True):
    """One connection."""

    name: str
    connection_id: str
    kind: str
    """How it authenticates: `web_identity`, `role_based_auth`, or the type of a newer Dynatrace."""
    consumers: Sequence[str]
    owner: str
    """Whose it is, in words; empty if it has no owner."""
    role_arn: str
    """Empty if it has none."""
    findings: Sequence[Finding]
    """What `doctor aws` finds for this connection alone."""
    monitored: Monitored | None = None
    """None for connections that monitoring does not use."""

    @property
    def kind_in_words(self) -> str:
        """How a person reads the kind; a newer one is shown as it is."""
        return {"web_identity": "web identity", "role_based_auth": "role based"}.get(self.kind, self.kind)

    @property
    def verdict(self) -> Verdict:
        """Whether Dynatrace can use the connection."""
        return verdict_of(self.findings)

    @property
    def account(self) -> str:
        """The AWS account of the role, empty without a role ARN and for one that is not an ARN."""
        return account_of(self.role_arn)

    @property
    def problems(self) -> Sequence[Finding]:
        """The findings that explain the verdict: what failed, or else what was not checked.

        One without a cause only follows from the others, and is left out.
        """
        outcome = {Verdict.FAILS: Outcome.FAILED, Verdict.NOT_CHECKED: Outcome.NOT_CHECKED}.get(self.verdict)
        found = [one for one in self.findings if one.outcome is outcome]
        return [one for one in found if one.cause] or found

    @property
    def warnings(self) -> Sequence[Finding]:
        """The findings about who else could use the role."""
        return [one for one in self.findings if one.outcome is Outcome.WARNING]


def grouped(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows that have something to say, together if it is the same for several of them."""
    groups: dict[tuple[Finding, ...], list[Row]] = {}
    for row in rows:
        if said := (*row.problems, *row.warnings):
            groups.setdefault(said, []).append(row)
    return list(groups.values())


class Number(Struct, frozen=True):
    """How many connections have something in common."""

    count: int
    words: str
    """What they do or are: `fail`."""
    verdict: Verdict | None
    """Their verdict, None for those that let others in."""


class Overview(Struct, frozen=True):
    """All AWS connections of an environment that the credential may read."""

    environment: str
    """Its URL."""
    checked_at: str
    """Date and time of the check, in UTC, as in RFC 3339."""
    rows: Sequence[Row]
    unreadable: Sequence[str] = ()
    """A sentence for each connection that Dynatrace returned in a form that cannot be read."""

    @property
    def counts(self) -> Counter[Verdict]:
        """How many connections have each verdict."""
        return Counter(row.verdict for row in self.rows)

    @property
    def verdict(self) -> Verdict:
        """`FAILS` if one connection fails, else `NOT_CHECKED` if something could not be looked at, else `OK`."""
        if self.counts[Verdict.FAILS]:
            return Verdict.FAILS
        return Verdict.NOT_CHECKED if self.unreadable or self.counts[Verdict.NOT_CHECKED] else Verdict.OK

    def ordered(self) -> list[Row]:
        """Return the rows with the worst first: by verdict, then those with warnings, then by name."""
        order = list(Verdict)
        return sorted(
            self.rows,
            key=lambda row: (order.index(row.verdict), not row.warnings, row.name.casefold(), row.connection_id),
        )

    def numbers(self) -> list[Number]:
        """Return how many connections have each verdict, and how many let others in; nothing for none."""
        warned = sum(bool(row.warnings) for row in self.rows)
        numbers = [
            Number(self.counts[Verdict.FAILS], "fails" if self.counts[Verdict.FAILS] == 1 else "fail", Verdict.FAILS),
            Number(self.counts[Verdict.NOT_CHECKED], "not checked", Verdict.NOT_CHECKED),
            Number(self.counts[Verdict.OK], "ok", Verdict.OK),
            Number(warned, "lets others in" if warned == 1 else "let others in", None),
        ]
        return [number for number in numbers if number.count]

    def summary(self) -> str:
        """Return the numbers as sentences."""
        if not self.rows:
            return "No AWS connections that the credential may read."
        numbers = self.numbers()
        verdicts = ", ".join(f"{number.count} {number.words}" for number in numbers if number.verdict)
        others = "".join(f" {number.count} {number.words}." for number in numbers if not number.verdict)
        return f"{len(self.rows)} connection{'' if len(self.rows) == 1 else 's'}: {verdicts}.{others}"
