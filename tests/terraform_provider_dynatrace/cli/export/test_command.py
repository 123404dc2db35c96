"""Whole exports of a pretend tenant in process: files, requests, and what a second export changes."""

import io
from pathlib import Path

import httpx2
import pytest

from dynatrace_sandbox.tenant.credentials import STRANGER
from terraform_plugin import Error
from terraform_plugin.output import Output
from terraform_provider_dynatrace.cli.export.command import run as command
from terraform_provider_dynatrace.cli.export.manifest import FILE
from terraform_provider_dynatrace.client.errors import Forbidden
from tests.terraform_provider_dynatrace.cli.export.exporting import (
    CONNECTION,
    PERMISSIONS,
    ROLE_ARN,
    files,
    fill,
    put,
    run,
    web_identity,
)
from tests.terraform_provider_dynatrace.in_process import Tenant

LAYOUTS = [[], ["-flat"], ["-ref"], ["-flat", "-ref", "-id"]]


@pytest.fixture
def tenant() -> Tenant:
    """A tenant with five connections, one of them without a role."""
    tenant = Tenant()
    fill(tenant, [*(web_identity(f"connection {number}") for number in range(4)), web_identity("no role", "")])
    return tenant


async def test_three_thousand_connections_cost_six_requests(tmp_path: Path) -> None:
    """Pages of 500 with everything in them; their role ARNs cost nothing more."""
    tenant = Tenant()
    fill(tenant, (web_identity(f"connection {number}") for number in range(3000)))

    outcome = await run(tenant, tmp_path, "-preview")

    assert len(outcome.exported) == 6000
    assert len(tenant.requests()) == 6
    assert files(tmp_path) == {}


@pytest.mark.parametrize("flags", LAYOUTS)
async def test_an_unchanged_tenant_changes_no_file(tenant: Tenant, tmp_path: Path, flags: list[str]) -> None:
    """A second export writes nothing: even the modification times stay."""
    await run(tenant, tmp_path, *flags)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}

    outcome = await run(tenant, tmp_path, *flags)

    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before
    assert outcome.files is not None
    assert (outcome.files.written, outcome.files.removed) == ({}, [])


@pytest.mark.parametrize("flags", LAYOUTS)
async def test_a_renamed_connection_changes_its_own_file_only(tenant: Tenant, tmp_path: Path, flags: list[str]) -> None:
    """A renamed connection keeps its address, so to Terraform it is the same resource."""
    await run(tenant, tmp_path, *flags)
    before = files(tmp_path)
    put(tenant, "object-0002", web_identity("another name"))

    await run(tenant, tmp_path, *flags)

    after = files(tmp_path)
    assert after.keys() == before.keys()
    [changed] = [path for path in after if after[path] != before[path]]
    assert changed.endswith("connection_2.aws_connection.tf")
    assert 'name = "another name"' in after[changed]


async def test_the_files_of_a_deleted_connection_are_removed(tenant: Tenant, tmp_path: Path) -> None:
    """The files of a deleted connection are removed; a new connection may get their names."""
    await run(tenant, tmp_path)
    tenant.sandbox.environment.store.remove("object-0002")
    await run(tenant, tmp_path)
    assert not [path for path in files(tmp_path) if "connection_2" in path]
    assert "connection_2" not in (tmp_path / "___imports___.tf").read_text()

    put(tenant, "object-new", web_identity("connection 2"))
    await run(tenant, tmp_path)

    assert (tmp_path / "modules/aws_connection/connection_2.aws_connection.tf").exists()


async def test_an_export_of_a_part_leaves_the_rest_as_it_is(tenant: Tenant, tmp_path: Path) -> None:
    """A partial export does not touch other files, even if their objects changed or are gone."""
    await run(tenant, tmp_path)
    before = files(tmp_path)
    put(tenant, "object-0000", web_identity("renamed"))
    put(tenant, "object-0001", web_identity("renamed too"))
    tenant.sandbox.environment.store.remove("object-0002")

    outcome = await run(tenant, tmp_path, f"{CONNECTION}=object-0001")

    after = files(tmp_path)
    assert [path for path in before if after[path] != before[path]] == [
        "modules/aws_connection/connection_1.aws_connection.tf"
    ]
    assert len(outcome.exported) == 1


async def test_a_part_exported_into_a_fresh_folder_is_complete(tenant: Tenant, tmp_path: Path) -> None:
    """With -ref, a partial export includes what its resources refer to."""
    await run(tenant, tmp_path, "-ref", "-flat", f"{ROLE_ARN}=object-0001")

    assert sorted(path for path in files(tmp_path) if path.endswith(".tf")) == [
        "___imports___.tf",
        "___providers___.tf",
        "connection_1.aws_connection.tf",
        "connection_1.aws_connection_role_arn.tf",
    ]


async def test_a_part_with_data_sources_stays_whole(tenant: Tenant, tmp_path: Path) -> None:
    """A second partial export removes nothing that the first one refers to."""
    await run(tenant, tmp_path, "-datasources", f"{ROLE_ARN}=object-0001")
    before = files(tmp_path)
    assert "modules/aws_connection_role_arn/connection_1.aws_connection.data.tf" in before

    await run(tenant, tmp_path, "-datasources", f"{ROLE_ARN}=object-0002")

    after = files(tmp_path)
    assert before.keys() < after.keys()
    assert "modules/aws_connection_role_arn/connection_2.aws_connection.data.tf" in after


async def test_the_other_form_replaces_the_first(tenant: Tenant, tmp_path: Path) -> None:
    """An export of everything leaves nothing of the old layout, and every name as it was."""
    await run(tenant, tmp_path)
    put(tenant, "object-0000", web_identity("renamed"))

    await run(tenant, tmp_path, "-flat")

    assert not (tmp_path / "modules").exists()
    assert not (tmp_path / "main.tf").exists()
    assert 'name = "renamed"' in (tmp_path / "connection_0.aws_connection.tf").read_text()


async def test_files_of_others_are_not_overwritten(tenant: Tenant, tmp_path: Path) -> None:
    """Nothing is written at all; with -overwrite it is."""
    (tmp_path / "main.tf").write_text("# mine\n")

    with pytest.raises(Error, match="Files of the same name exist"):
        await run(tenant, tmp_path)

    assert files(tmp_path) == {"main.tf": "# mine\n"}
    await run(tenant, tmp_path, "-overwrite")
    assert "module" in (tmp_path / "main.tf").read_text()


async def test_an_edited_file_is_left_alone(tenant: Tenant, tmp_path: Path) -> None:
    """A file that was edited is not overwritten, and the summary names it; all others are written."""
    await run(tenant, tmp_path, "-flat")
    edited = tmp_path / "connection_0.aws_connection.tf"
    edited.write_text(edited.read_text() + "# mine\n")
    put(tenant, "object-0000", web_identity("renamed"))
    put(tenant, "object-0001", web_identity("renamed too"))

    outcome = await run(tenant, tmp_path, "-flat")

    assert edited.read_text().endswith("# mine\n")
    assert "  connection_0.aws_connection.tf\n" in outcome.text()
    assert "renamed too" in (tmp_path / "connection_1.aws_connection.tf").read_text()


async def test_newer_values_are_exported_as_far_as_they_can_be(tenant: Tenant, tmp_path: Path) -> None:
    """An unknown kind is kept out of Terraform's sight with its value, an unknown consumer has a comment."""
    put(tenant, "object-0000", {"name": "newest", "type": "awsNewest", "awsNewest": {"secretless": True}})
    put(tenant, "object-0001", web_identity("newer", "", "APP:new"))

    outcome = await run(tenant, tmp_path, "-flat")

    assert '\n#     "secretless": true\n' in (tmp_path / ".flawed/newest.aws_connection.tf").read_text()
    assert "# Note: web_identity[0].consumers: This version" in (tmp_path / "newer.aws_connection.tf").read_text()
    assert "newest" not in (tmp_path / "___imports___.tf").read_text()
    assert "see .flawed" in outcome.text()


async def test_an_id_that_does_not_exist_is_reported(tenant: Tenant, tmp_path: Path) -> None:
    """The rest is exported."""
    outcome = await run(tenant, tmp_path, f"{CONNECTION}=object-0001,nowhere")

    assert f"{CONNECTION}=nowhere: it does not exist" in outcome.text()
    assert len(outcome.exported) == 1


async def test_a_credential_that_may_not_read_is_an_error(tmp_path: Path) -> None:
    """Nothing is written, and the missing scope is named."""
    with pytest.raises(Forbidden, match="not allowed to read"):
        await run(Tenant(), tmp_path, credential="powerless-api-token")

    assert files(tmp_path) == {}


async def test_a_connection_that_breaks_leaves_the_folder_as_it_was(tenant: Tenant, tmp_path: Path) -> None:
    """All is read before anything is written."""
    await run(tenant, tmp_path)
    before = files(tmp_path)
    put(tenant, "object-0000", web_identity("renamed"))

    def breaks(request: httpx2.Request) -> None:
        raise httpx2.ReadError("connection reset by peer", request=request)

    tenant.after = breaks
    with pytest.raises(Error, match="cannot be reached"):
        await run(tenant, tmp_path)

    assert files(tmp_path) == before


async def test_the_folder_remembers_names_and_ids_only(tenant: Tenant, tmp_path: Path) -> None:
    """No role, no token, no URL."""
    await run(tenant, tmp_path)

    remembered = (tmp_path / FILE).read_text()
    assert '"object-0000": "connection_0"' in remembered
    assert "arn:" not in remembered
    assert "http" not in remembered


USER, GROUP = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


@pytest.fixture
def owned() -> Tenant:
    """A tenant with a public connection, and four of the platform token's owner, shared in different ways."""
    tenant = Tenant()
    put(tenant, "public", web_identity("public", ""))
    owner = tenant.sandbox.credentials["platform-token"].user
    assert owner is not None
    shares: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {
        "nobody": {},
        "team": {("group", GROUP): ("r",)},
        "one": {("user", USER): ("r", "w")},
    }
    shares["all"] = {("all-users", ""): ("r",)}
    for name, accessors in shares.items():
        put(tenant, name, web_identity(name, ""), owner.id, accessors)
    return tenant


async def test_permissions_are_exported_with_platform_credentials(owned: Tenant, tmp_path: Path) -> None:
    """Of private objects only, one request each; where only the owner has access there is no resource."""
    outcome = await run(owned, tmp_path, "-flat", "-ref", credential="platform-token")

    written = {path: text for path, text in files(tmp_path).items() if path.endswith(".settings_permissions.tf")}
    assert sorted(written) == [f"{name}.settings_permissions.tf" for name in ("all", "one", "team")]
    assert "settings_object_id = dynatrace_aws_connection.team.id" in written["team.settings_permissions.tf"]
    assert len(owned.requests("GET", "*/permissions")) == 4
    assert "  dynatrace_settings_permissions  3\n" in outcome.text()


async def test_with_an_api_token_permissions_are_left_out(owned: Tenant, tmp_path: Path) -> None:
    """The summary says why permissions are missing, if they were asked for."""
    assert f"{PERMISSIONS}: requires platform credentials" in (await run(owned, tmp_path)).text()
    assert "Not exported" not in (await run(owned, tmp_path, CONNECTION)).text()
    assert owned.requests("GET", "*/permissions") == []


async def test_permissions_that_may_not_be_read_are_left_out(owned: Tenant, tmp_path: Path) -> None:
    """Each with its reason; the rest is exported."""

    def vanishes(request: httpx2.Request) -> None:
        if request.url.path.endswith("/settings/objects"):
            owned.sandbox.environment.store.remove("team")

    owned.after = vanishes
    outcome = await run(owned, tmp_path, credential="platform-token")

    assert outcome.left_out == [f"{PERMISSIONS} of 'team': Not found in Dynatrace."]
    assert sorted(one.id for one in outcome.exported if one.type_name == PERMISSIONS) == ["all", "one"]


def test_without_an_environment_the_command_says_what_is_missing() -> None:
    """Like the provider itself."""
    with pytest.raises(Error, match="Missing environment URL"):
        command([], {}, Output(io.StringIO()), Output(io.StringIO()))


def test_help_needs_no_environment(capsys: pytest.CaptureFixture[str]) -> None:
    """It lists the flags."""
    with pytest.raises(SystemExit) as ended:
        command(["--help"], {}, Output(io.StringIO()), Output(io.StringIO()))

    assert ended.value.code == 0
    assert "-import-state" in capsys.readouterr().out


async def test_what_another_export_left_is_named(tenant: Tenant, tmp_path: Path) -> None:
    """After an export of the official provider, a connection was renamed: its old file would create it again."""
    old = tmp_path / "modules/aws_connection/old_name.aws_connection.tf"
    old.parent.mkdir(parents=True)
    old.write_text('resource "dynatrace_aws_connection" "old_name" {}\n')
    (tmp_path / "main.tf").write_text("# of the official provider\n")

    text = (await run(tenant, tmp_path, "-overwrite")).text()

    assert "Terraform would create these:\n  modules/aws_connection/old_name.aws_connection.tf\n" in text
    assert old.exists()


@pytest.mark.parametrize(
    ("credential", "exported", "reported"), [("colleague-platform-token", 0, 1), ("admin-platform-token", 1, 0)]
)
async def test_admin_access_exports_what_others_own(
    tmp_path: Path, credential: str, exported: int, reported: int
) -> None:
    """Without the scope, what Dynatrace leaves out of the list is reported."""
    tenant = Tenant()
    put(tenant, "object-1", web_identity("theirs", ""), owner=STRANGER.id)

    summary = await run(tenant, tmp_path, credential=credential, admin_access=True)

    assert sum(one.type_name == CONNECTION for one in summary.exported) == exported
    assert sum("of other owners: admin_access = true only has an effect" in one for one in summary.left_out) == reported
