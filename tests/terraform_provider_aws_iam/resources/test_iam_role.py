"""`aws_iam_role` against moto's server."""

import json
import re
from typing import Any

import pytest

from terraform_plugin import UNKNOWN, Error, Path, State
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.errors import AwsError
from terraform_provider_aws_iam.resources.iam_role import IamRole
from tests.aws_account import TRUST_POLICY
from tests.terraform_provider_aws_iam.life import apply, destroy, imported, planned, refresh, whole

POLICY = json.dumps(json.loads(TRUST_POLICY), indent=2)
DENY = POLICY.replace("Allow", "Deny")
LIMITS = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
BOUNDARY = "arn:aws:iam::123456789012:policy/limits"
CONFIG: dict[str, Any] = {"name": "dynatrace", "assume_role_policy": POLICY}
EVERYTHING = CONFIG | {
    "description": "For Dynatrace",
    "path": "/observability/",
    "max_session_duration": 7200,
    "force_detach_policies": True,
    "tags": {"team": "observability"},
}


@pytest.fixture
def role(aws: Aws) -> IamRole:
    return IamRole(aws)


async def test_a_new_role_has_what_was_planned_and_what_aws_chose(role: IamRole) -> None:
    """Nothing stays unknown, and reading it back finds the same."""
    state = await apply(role, EVERYTHING)

    assert dict(state) | EVERYTHING == dict(state)
    assert state["arn"] == "arn:aws:iam::123456789012:role/observability/dynatrace"
    assert state["id"] == "dynatrace"
    assert state["unique_id"].startswith("AROA")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", state["create_date"])
    assert await refresh(role, state) == state


async def test_defaults_are_those_of_iam(role: IamRole) -> None:
    """A role with nothing but a name and a policy reads back as it was planned."""
    state = await apply(role, CONFIG)
    assert (state["path"], state["max_session_duration"], state["force_detach_policies"]) == ("/", 3600, False)
    assert (state["description"], state["tags"], state["permissions_boundary"]) == (None, None, None)
    assert await refresh(role, state) == state


@pytest.mark.parametrize(("config", "beginning"), [({}, "terraform-"), ({"name_prefix": "dt-"}, "dt-")])
async def test_without_a_name_one_is_made(role: IamRole, config: dict[str, str], beginning: str) -> None:
    """The same configuration twice gives two roles, each with a name that stays."""
    config = {"assume_role_policy": POLICY} | config
    first, second = await apply(role, config), await apply(role, config)
    assert first["name"].startswith(beginning)
    assert second["name"].startswith(beginning)
    assert first["name"] != second["name"]
    assert (await planned(role, first, config)).planned == first


async def test_another_formatting_of_the_policy_is_not_a_change(role: IamRole) -> None:
    """Formatting makes no difference, in the plan or when it is read back."""
    state = await apply(role, CONFIG)
    compact = json.dumps(json.loads(POLICY), separators=(",", ":"))
    assert (await planned(role, state, CONFIG | {"assume_role_policy": compact})).planned == state


async def test_a_policy_not_known_yet_is_planned_as_unknown(role: IamRole) -> None:
    """As in the example of the page: the policy contains the ID of a connection that does not exist yet."""
    change = await planned(role, None, CONFIG | {"assume_role_policy": UNKNOWN})
    assert change.planned is not None
    assert change.planned["assume_role_policy"] == UNKNOWN
    assert change.planned["arn"] == UNKNOWN


@pytest.mark.parametrize(
    "changed",
    [
        {"assume_role_policy": DENY},
        {"description": "Other"},
        {"description": None},
        {"max_session_duration": 43200},
        {"tags": {"team": "other", "more": ""}},
        {"tags": None},
        {"force_detach_policies": False},
    ],
    ids=str,
)
async def test_what_iam_can_change_is_changed_in_place(role: IamRole, changed: dict[str, Any]) -> None:
    """The role stays the same one, and reads back as configured."""
    before = await apply(role, EVERYTHING)

    after = await apply(role, EVERYTHING | changed, before)

    assert after == before | changed | {"tags_all": changed.get("tags", EVERYTHING["tags"]) or {}}
    assert await refresh(role, after) == after


async def test_a_permissions_boundary_is_set_and_removed(role: IamRole, aws: Aws) -> None:
    """A permissions boundary is set, and deleted when the argument is removed."""
    await aws.iam("create_policy", PolicyName="limits", PolicyDocument=LIMITS)
    without = await apply(role, CONFIG)

    limited = await apply(role, CONFIG | {"permissions_boundary": BOUNDARY}, without)
    assert await refresh(role, limited) == limited | {"permissions_boundary": BOUNDARY}

    free = await apply(role, CONFIG, limited)
    assert await refresh(role, free) == without


@pytest.mark.parametrize(
    "changed", [{"name": "other"}, {"path": "/other/"}, {"name": None, "name_prefix": "p"}], ids=str
)
async def test_name_and_path_need_another_role(role: IamRole, changed: dict[str, Any]) -> None:
    """IAM cannot change them."""
    change = await planned(role, await apply(role, EVERYTHING), EVERYTHING | changed)
    assert change.requires_replace in ((Path("name"),), (Path("path"),), (Path("name_prefix"),))


async def test_a_change_made_elsewhere_is_drift(role: IamRole, aws: Aws) -> None:
    """The policy is shown as AWS has it."""
    state = await apply(role, CONFIG)
    await aws.iam("update_assume_role_policy", RoleName="dynatrace", PolicyDocument=DENY)

    now = await refresh(role, state)

    assert now is not None
    assert json.loads(now["assume_role_policy"]) == json.loads(DENY)


async def test_a_missing_role_reads_as_none(role: IamRole) -> None:
    """Destroying it twice succeeds."""
    state = await apply(role, CONFIG)
    await destroy(role, state)
    await destroy(role, state)
    assert await refresh(role, state) is None


async def test_attached_policies_keep_a_role_unless_they_may_be_detached(role: IamRole, aws: Aws) -> None:
    """Without force_detach_policies, the error of the delete says what to do."""
    state = await apply(role, CONFIG)
    await aws.iam("create_policy", PolicyName="limits", PolicyDocument=LIMITS)
    await aws.iam("attach_role_policy", RoleName="dynatrace", PolicyArn=BOUNDARY)
    await aws.iam("put_role_policy", RoleName="dynatrace", PolicyName="inline", PolicyDocument=LIMITS)

    with pytest.raises(AwsError, match=r"DeleteConflict.*force_detach_policies"):
        await destroy(role, state)

    await destroy(role, state | {"force_detach_policies": True})
    assert await refresh(role, state) is None


async def test_a_name_that_is_taken_says_how_to_go_on(role: IamRole) -> None:
    """Import it, or choose another name."""
    await apply(role, CONFIG)
    with pytest.raises(AwsError, match=r"AWS rejected CreateRole: EntityAlreadyExists.*Import"):
        await apply(role, CONFIG)


async def test_import_by_name_gives_the_whole_role(role: IamRole) -> None:
    """The next plan has no changes, except for attributes that only Terraform knows."""
    await apply(role, EVERYTHING)
    state = await imported(role, "dynatrace")
    assert state is not None
    change = await planned(role, state, EVERYTHING)
    assert change.planned == state | {"force_detach_policies": True}
    assert change.requires_replace == ()


async def test_an_arn_is_not_how_a_role_is_imported(role: IamRole) -> None:
    """The error says what is."""
    with pytest.raises(Error, match="must be the name of the role"):
        await role.import_state("arn:aws:iam::123456789012:role/dynatrace")


async def test_a_state_of_another_provider_can_lack_values(role: IamRole) -> None:
    """hashicorp/aws writes more attributes, and not all of ours."""
    await apply(role, CONFIG)
    sparse = whole(role, {"id": "dynatrace"})
    assert isinstance(await refresh(role, sparse), State)
