"""What an export came to, as a person reads it."""

from pathlib import Path

from terraform_provider_dynatrace.cli.export.folder import Changes
from terraform_provider_dynatrace.cli.export.options import parse
from terraform_provider_dynatrace.cli.export.summary import Summary
from terraform_provider_dynatrace.settings.model import SettingsObject
from tests.terraform_provider_dynatrace.cli.export.exporting import instances, web_identity

URL = "https://abc12345.live.dynatrace.com"
FOUND = [
    *instances(SettingsObject("id-1", web_identity("production"))),
    *instances(SettingsObject("id-2", web_identity("newer", "", "APP:new"))),
    *instances(SettingsObject("id-3", {"name": "newest", "type": "awsNewest", "awsNewest": {}})),
]
NAMES = {"id-1": "production", "id-2": "newer", "id-3": "newest"}


def test_a_summary_counts_and_says_what_is_missing_and_why() -> None:
    """Resources by type, files by what happened to them, everything that is not as it might be expected."""
    files = Changes({"a": "", "b": ""}, ["c"], ["d"], ["e.tf"], ["f.tf"], ["g.tf"])

    text = Summary(parse(["--link"], {}), URL, FOUND, NAMES, ["permissions: no permission."], files).text()

    assert text == (
        f"""\
Exported to {Path("configuration")} from {URL}:
  dynatrace_aws_connection           2
  dynatrace_aws_connection_role_arn  1
Files: 2 written, 1 unchanged, 1 removed, 1 kept.
Edited since the last export, so not changed (pass -overwrite):
  e.tf
Edited, and no longer in Dynatrace: Terraform would create these again:
  f.tf
Not written by this export, but in its folders: Terraform would create these:
  g.tf
Not exported:
  permissions: no permission.
  dynatrace_aws_connection 'newest' (see .flawed): The connection "newest" has the type "awsNewest", which this \
version of the provider does not support. Upgrade the provider.
Notes in the files:
  dynatrace_aws_connection.newer: web_identity[0].consumers: This version of the provider does not know "APP:new" as a \
consumer for web_identity.
Warning: these have no owner, so everyone with settings permissions can read and change them:
  dynatrace_aws_connection.production
  dynatrace_aws_connection.newer
-link: no effect.
"""
    )


def test_a_preview_counts_and_wrote_nothing() -> None:
    """It says so."""
    assert Summary(parse(["--preview"], {}), URL, FOUND[:2], NAMES).text() == (
        f"Would export from {URL}:\n  dynatrace_aws_connection           1\n  dynatrace_aws_connection_role_arn  1\n"
        "Warning: these have no owner, so everyone with settings permissions can read and change them:\n"
        "  dynatrace_aws_connection.production\n"
    )


def test_an_export_without_objects_says_so() -> None:
    """An empty tenant is no mistake."""
    assert "  nothing (objects that this credential may not read" in Summary(parse([], {}), URL, [], {}).text()


def test_a_long_list_is_cut() -> None:
    """The files have the rest."""
    text = Summary(parse([], {}), URL, [], {}, [f"reason {number}" for number in range(30)]).text()

    assert "  reason 19\n  … and 10 more\n" in text
