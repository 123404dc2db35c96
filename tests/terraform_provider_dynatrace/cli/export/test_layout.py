"""Files of an export: which there are, and what is in them."""

import pytest

from terraform_provider_dynatrace.cli.export.layout import Layout
from terraform_provider_dynatrace.settings.model import Owner, SettingsObject
from tests.terraform_provider_dynatrace.cli.export.exporting import CONNECTION, ROLE_ARN, instances, web_identity

SOURCE = "terraform.local/dynatrace/dynatrace"
FOUND = [*instances(SettingsObject("object-1", web_identity("production")))]
NAMES = {"object-1": "production", "object-2": "older"}
RESOURCES = {CONNECTION: {"object-1": "production"}, ROLE_ARN: {"object-1": "production"}}
PUBLIC = "# Owner: none. Everyone with settings permissions can read and change the connection.\n"
CONNECTION_FILE = f"""\
{PUBLIC}resource "dynatrace_aws_connection" "production" {{
  name = "production"

  web_identity {{
    consumers = ["APP:dynatrace.aws.connector"]
  }}
}}
"""


def role_arn_file(connection_id: str) -> str:
    return f"""\
resource "dynatrace_aws_connection_role_arn" "production" {{
  aws_connection_id = {connection_id}
  role_arn          = "arn:aws:iam::123456789012:role/dynatrace"
}}
"""


def test_modules_are_laid_out_as_the_official_export_does() -> None:
    """A module for each type, a file for each resource, import blocks in the root folder."""
    files = Layout(SOURCE).files(FOUND, NAMES, RESOURCES)

    assert sorted(files) == [
        "___imports___.tf",
        "___providers___.tf",
        "main.tf",
        "modules/aws_connection/___providers___.tf",
        "modules/aws_connection/production.aws_connection.tf",
        "modules/aws_connection_role_arn/___providers___.tf",
        "modules/aws_connection_role_arn/production.aws_connection_role_arn.tf",
    ]
    assert files["modules/aws_connection/production.aws_connection.tf"] == CONNECTION_FILE
    role_arn = files["modules/aws_connection_role_arn/production.aws_connection_role_arn.tf"]
    assert role_arn == role_arn_file('"object-1"')
    assert files["main.tf"] == (
        'module "aws_connection" {\n  source = "./modules/aws_connection"\n}\n\n'
        'module "aws_connection_role_arn" {\n  source = "./modules/aws_connection_role_arn"\n}\n'
    )
    assert "to = module.aws_connection.dynatrace_aws_connection.production\n" in files["___imports___.tf"]
    assert f'source = "{SOURCE}"' in files["modules/aws_connection/___providers___.tf"]


def test_flat_files_are_in_one_folder() -> None:
    """The same file names in one folder, no modules."""
    files = Layout(SOURCE, flat=True).files(FOUND, NAMES, RESOURCES)

    assert sorted(files) == [
        "___imports___.tf",
        "___providers___.tf",
        "production.aws_connection.tf",
        "production.aws_connection_role_arn.tf",
    ]
    assert "  to = dynatrace_aws_connection_role_arn.production\n  id = " in files["___imports___.tf"]


def test_references_go_through_the_modules() -> None:
    """One module gives its ids, the other takes them."""
    files = Layout(SOURCE, references=True).files(FOUND, NAMES, RESOURCES)

    role_arn = files["modules/aws_connection_role_arn/production.aws_connection_role_arn.tf"]
    assert role_arn == role_arn_file('var.aws_connection_ids["production"]')
    assert "production = dynatrace_aws_connection.production.id" in files["modules/aws_connection/___resources___.tf"]
    assert 'variable "aws_connection_ids"' in files["modules/aws_connection_role_arn/___variables___.tf"]
    assert "aws_connection_ids = module.aws_connection.ids" in files["main.tf"]
    assert "modules/aws_connection/___variables___.tf" not in files


def test_references_in_one_folder_are_direct() -> None:
    """The address of the other resource."""
    files = Layout(SOURCE, flat=True, references=True).files(FOUND, NAMES, RESOURCES)

    assert files["production.aws_connection_role_arn.tf"] == role_arn_file("dynatrace_aws_connection.production.id")


@pytest.mark.parametrize("flat", [True, False])
def test_what_is_not_exported_keeps_its_id(*, flat: bool) -> None:
    """A reference to a resource that is not there would not be valid."""
    only = Layout(SOURCE, flat=flat, references=True)
    files = only.files(FOUND[1:], NAMES, {ROLE_ARN: RESOURCES[ROLE_ARN]})

    assert files[only.file(ROLE_ARN, "production")] == role_arn_file('"object-1"')
    assert not any('variable "' in text or 'output "' in text for text in files.values())


@pytest.mark.parametrize("flat", [True, False])
def test_what_is_not_exported_can_be_looked_up(*, flat: bool) -> None:
    """By its name, so that the configuration fits another tenant, too; what is exported is referred to."""
    layout = Layout(SOURCE, flat=flat, references=True, data_sources=True)
    files = layout.files(FOUND[1:], NAMES, {ROLE_ARN: RESOURCES[ROLE_ARN]})

    role_arn = files[layout.file(ROLE_ARN, "production")]
    assert role_arn == role_arn_file("data.dynatrace_aws_connection.production.id")
    [data] = layout.data_files(ROLE_ARN, "production")
    assert data == layout.folder(ROLE_ARN) + "production.aws_connection.data.tf"
    assert files[data] == 'data "dynatrace_aws_connection" "production" {\n  name = "production"\n}\n'
    assert data not in layout.files(FOUND, NAMES, RESOURCES)


def test_resources_of_earlier_exports_stay_in_the_root_module() -> None:
    """Their files are not written again, but imported and given to other modules as before."""
    stay = {CONNECTION: {"object-2": "older"}, ROLE_ARN: RESOURCES[ROLE_ARN]}
    files = Layout(SOURCE, references=True).files(FOUND[1:], NAMES, stay)

    assert "to = module.aws_connection.dynatrace_aws_connection.older\n" in files["___imports___.tf"]
    assert "older = dynatrace_aws_connection.older.id" in files["modules/aws_connection/___resources___.tf"]
    assert "modules/aws_connection/older.aws_connection.tf" not in files


def test_ids_and_notes_are_comments_before_the_resource() -> None:
    """With -id the id; always what a reader should know."""
    connection = instances(SettingsObject("object-1", web_identity("production", "", "APP:new")))
    files = Layout(SOURCE, flat=True, ids=True).files(connection, NAMES, RESOURCES)

    first, owner, second, third, *_ = files["production.aws_connection.tf"].splitlines()
    assert first == "# ID object-1"
    assert owner == PUBLIC.rstrip()
    assert second.startswith("# Note: web_identity[0].consumers: This version of the provider does not know")
    assert third == 'resource "dynatrace_aws_connection" "production" {'


@pytest.mark.parametrize(
    ("owner", "comment"),
    [
        (Owner("user", "U"), "# Owner: user U."),
        (Owner("group", "G"), "# Owner: group G."),
        (Owner("all-users"), "# Owner: all users."),
        (None, PUBLIC.rstrip()),
    ],
)
def test_the_owner_of_each_object_is_a_comment(owner: Owner | None, comment: str) -> None:
    """At the connection, and not at its role ARN, which is a part of the same object."""
    owned = instances(SettingsObject("object-1", web_identity("production"), owner=owner))
    files = Layout(SOURCE, flat=True).files(owned, NAMES, RESOURCES)

    assert files["production.aws_connection.tf"].splitlines()[0] == comment
    assert "Owner" not in files["production.aws_connection_role_arn.tf"]


def test_what_terraform_cannot_work_with_is_kept_out_of_its_sight() -> None:
    """A folder that Terraform does not read, as in the official export; every line of the reason is a comment."""
    newer = SettingsObject("object-1", {"name": "production", "type": "awsNewer", "awsNewer": {"a": 1}})
    files = Layout(SOURCE).files([*instances(newer)], NAMES, {})

    assert list(files) == [".flawed/production.aws_connection.tf"]
    before, _, after = files[".flawed/production.aws_connection.tf"].partition("resource ")
    assert all(line.startswith("#") for line in before.splitlines())
    assert '"a": 1' in before
    assert after == '"dynatrace_aws_connection" "production" {\n  name = "production"\n}\n'


def test_without_objects_no_file_is_written() -> None:
    """Not even a provider block."""
    assert Layout(SOURCE).files([], {}, {}) == {}
