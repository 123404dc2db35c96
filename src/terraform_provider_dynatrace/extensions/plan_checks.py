"""What can be known during a plan about a planned monitoring configuration: is the extension there, and does it fit?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from terraform_plugin.diagnostics import Error, Path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NEAREST, _LISTED = 3, 10
_COMPARED = 1000
"""Values that are compared for a suggestion. A version offers some hundreds; to compare more would block the plan."""


def not_installed(name: str, environment_url: str) -> Error:
    """Return the error for an extension that the environment does not have."""
    return Error(
        "Extension not installed",
        f"{environment_url} does not have the extension {name}, which collects the data. Install it once for each "
        "environment: in the Dynatrace web UI, open Hub and add it; or send, with a platform token that has the scope "
        f"extensions:definitions:write:\n\n  curl -X POST -H 'Authorization: Bearer TOKEN' "
        f"{environment_url}/platform/extensions/v2/extensions/{name}",
    )


def version_problems(version: str, installed: Sequence[str], path: Path) -> Iterator[Error]:
    """Yield the error for a version that is not installed; `installed` is not empty."""
    if version not in installed:
        yield Error(
            "Version not installed",
            f"{path} must be an installed version of the extension, got {version}. Installed: "
            f"{', '.join(installed[:_LISTED])}. Without this attribute, the active version is used.",
            path,
        )


class Offered(Struct, frozen=True):
    """The values that the schema of a version offers."""

    what: str
    """What one of them is called, such as "region"."""
    values: Sequence[str] | None
    """None where the schema does not list them: then Dynatrace decides."""
    version: str
    """The version of the extension."""

    def problems(self, wanted: Sequence[object], path: Path, *, is_list: bool = True) -> Iterator[Error]:
        """Yield an error for each value that is not offered, with the nearest that are. Unknown values are skipped.

        The path of an element ends with its index; without `is_list`, it is `path` itself.
        """
        for index, value in enumerate(wanted):
            if self.values is None or not isinstance(value, str) or value in self.values:
                continue
            yield Error(
                f"Unknown {self.what}",
                f'Version {self.version} of the extension does not have the {self.what} "{value[:100]}".'
                f"{_suggestion(value, self.values)} The data source dynatrace_aws_monitoring_options lists all.",
                path / index if is_list else path,
            )


def _suggestion(value: str, offered: Sequence[str]) -> str:
    import difflib  # noqa: PLC0415  # rarely needed, and not worth its import at every start

    by_lower_case = {one.casefold(): one for one in offered[:_COMPARED]}
    nearest = difflib.get_close_matches(value[:100].casefold(), by_lower_case, _NEAREST, cutoff=0.6)
    return f" Did you mean {' or '.join(by_lower_case[one] for one in nearest)}?" if nearest else ""
