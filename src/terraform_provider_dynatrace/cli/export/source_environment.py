"""The environment to export from, where the usual variables name the one to apply to. Pure.

Source: docs/design/0008-sources.md#official-export: with these variables, one shell can have both environments.
"""

from __future__ import annotations

from collections.abc import Mapping

from terraform_provider_dynatrace.config.arguments import (
    ACCOUNT_ID,
    ARGUMENTS,
    AUTOMATION_CLIENT_ID,
    AUTOMATION_CLIENT_SECRET,
    AUTOMATION_ENV_URL,
    CLIENT_ID,
    CLIENT_SECRET,
    DT_API_TOKEN,
    DT_ENV_URL,
    IAM_ACCOUNT_ID,
    IAM_CLIENT_ID,
    IAM_CLIENT_SECRET,
    PLATFORM_TOKEN,
    Argument,
    Setting,
    read_settings,
)

VARIABLES: Mapping[Argument, tuple[str, ...]] = {
    DT_ENV_URL: (
        "DYNATRACE_SOURCE_ENV_URL",
        "DT_SOURCE_ENV_URL",
        "DYNATRACE_SOURCE_ENVIRONMENT_URL",
        "DT_SOURCE_ENVIRONMENT_URL",
    ),
    DT_API_TOKEN: ("DYNATRACE_SOURCE_API_TOKEN", "DT_SOURCE_API_TOKEN"),
    PLATFORM_TOKEN: ("DYNATRACE_SOURCE_PLATFORM_TOKEN", "DT_SOURCE_PLATFORM_TOKEN"),
    CLIENT_ID: ("DT_SOURCE_CLIENT_ID", "DYNATRACE_SOURCE_CLIENT_ID"),
    CLIENT_SECRET: ("DT_SOURCE_CLIENT_SECRET", "DYNATRACE_SOURCE_CLIENT_SECRET"),
    ACCOUNT_ID: ("DT_SOURCE_ACCOUNT_ID", "DYNATRACE_SOURCE_ACCOUNT_ID"),
}
"""The variables for the source, by the argument that they replace. The first one that is set wins."""

_URLS = (DT_ENV_URL, AUTOMATION_ENV_URL)
_CREDENTIALS = (
    *(DT_API_TOKEN, PLATFORM_TOKEN, CLIENT_ID, CLIENT_SECRET, ACCOUNT_ID),
    *(AUTOMATION_CLIENT_ID, AUTOMATION_CLIENT_SECRET, IAM_CLIENT_ID, IAM_CLIENT_SECRET, IAM_ACCOUNT_ID),
)


def source_settings(environ: Mapping[str, str]) -> dict[str, Setting]:
    """Return what is set for the source, by the name of the argument; empty without a variable for the source."""
    settings = {}
    for argument, variables in VARIABLES.items():
        for variable in variables:
            if value := environ.get(variable, "").strip():
                settings[argument.name] = Setting(value, variable)
                break
    return settings


def settings_for_export(environ: Mapping[str, str]) -> dict[str, Setting]:
    """Return the settings of the environment to export from.

    A URL for the source replaces all other URLs, and a credential for the source replaces all other credentials: an API
    token of the target must neither take precedence over a platform token of the source, nor be sent there.
    """
    source = source_settings(environ)
    replaced = _replaced(source)
    usual = {name: setting for name, setting in read_settings({}, environ).items() if name not in replaced}
    return usual | source


def environ_for_export(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables with which Terraform works on the environment to export from."""
    source = source_settings(environ)
    dropped = {variable for name in _replaced(source) for variable in ARGUMENTS[name].variables}
    usual = {variable: value for variable, value in environ.items() if variable not in dropped}
    return usual | {ARGUMENTS[name].variables[0]: setting.value for name, setting in source.items()}


def _replaced(source: Mapping[str, Setting]) -> set[str]:
    groups = ([argument.name for argument in group] for group in (_URLS, _CREDENTIALS))
    return {name for group in groups if not source.keys().isdisjoint(group) for name in group}
