"""Environment variables that nobody reads, although their names look like ours.

A run without a URL or credentials often has one of these: `DYNATRACE_URL`, `DT_APITOKEN`. Imported when a setting is
missing, not before.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from terraform_provider_dynatrace.config.arguments import ARGUMENTS, CREDENTIAL, Argument, Url, readable_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_OURS = re.compile(r"(?:DT|DYNATRACE|AUTOMATION|IAM)_?[A-Z]", re.IGNORECASE)
_SIMILAR = 0.75  # of 1: DT_URL and DT_ENV_URL are as similar as this

# Read elsewhere: by the export, the official provider, or Dynatrace's agents on the same machine.
_READ_ELSEWHERE = {
    *("DYNATRACE_TARGET_FOLDER", "DYNATRACE_PARALLEL", "DYNATRACE_DEBUG", "DYNATRACE_LOG_HTTP"),
    *("DYNATRACE_HTTP_RESPONSE", "DT_TENANT", "DT_TENANTTOKEN", "DT_CONNECTION_POINT", "DT_HOME", "DT_LOGLEVEL"),
}
_SOURCE = re.compile(r"(?:DT|DYNATRACE)_SOURCE_")


def misspelled(environ: Mapping[str, str], arguments: Iterable[Argument]) -> str:
    """Return sentences about variables in `environ` that may have been meant for one of `arguments`, or nothing.

    A URL is shown, without a user name, password or query. Any other value is not: it may be a secret.
    """
    return "".join(_sentences(environ, [*arguments]))


def _sentences(environ: Mapping[str, str], arguments: list[Argument]) -> Iterator[str]:
    known = {variable for argument in ARGUMENTS.values() for variable in argument.variables} | _READ_ELSEWHERE
    for variable in sorted(environ.keys() - known):
        value = environ[variable].strip()
        if not value or not _OURS.match(variable) or _SOURCE.match(variable):
            continue
        meant = [name for argument in arguments if _fits(argument, value) for name in argument.variables]
        if nearest := difflib.get_close_matches(variable.upper(), meant, n=1, cutoff=_SIMILAR):
            shown = f' to "{readable_url(value)}"' if "://" in value else ""
            yield f" The environment variable {variable} is set{shown}, but is not read: did you mean {nearest[0]}?"


def _fits(argument: Argument, value: str) -> bool:
    """Return whether the value has the form of the argument's: DYNATRACE_TOKEN may be one of two kinds of token."""
    if isinstance(argument, Url):
        return not CREDENTIAL.match(value)
    if not CREDENTIAL.match(value):
        return "://" not in value
    return argument.prefix is None or value.startswith(argument.prefix)
