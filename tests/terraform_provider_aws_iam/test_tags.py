"""Tags on their way to AWS and back, and default tags."""

from collections.abc import Mapping
from typing import Any

import pytest

from terraform_plugin import UNKNOWN, Change, State
from terraform_provider_aws_iam.client import Aws, AwsSettings
from terraform_provider_aws_iam.tags import change_tags, read_tags, to_pairs, with_tags_all
from tests.aws_account import TRUST_POLICY

DEFAULTS = {"team": "observability", "cost": "1"}


def test_tags_are_pairs_in_aws() -> None:
    """No tags are an empty list."""
    assert to_pairs({"team": "a", "empty": ""}) == [{"Key": "team", "Value": "a"}, {"Key": "empty", "Value": ""}]
    assert to_pairs(None) == []


@pytest.mark.parametrize(
    ("everything", "prior", "tags"),
    [
        ({}, None, None),
        ({}, {}, {}),
        ({}, {"gone": "x"}, None),
        ({"team": "a"}, None, {"team": "a"}),
        ({"team": "observability", "cost": "1"}, None, None),
        ({"team": "observability", "more": "x"}, {}, {"more": "x"}),
        ({"team": "other", "cost": "1"}, None, {"team": "other"}),
        ({"team": "observability", "cost": "1"}, {"team": "observability"}, {"team": "observability"}),
    ],
)
def test_default_tags_are_not_the_resources_own(
    everything: dict[str, str], prior: dict[str, str] | None, tags: dict[str, str] | None
) -> None:
    """Unless the configuration has them, too. If there are no tags, null and empty stay as they were."""
    assert read_tags(to_pairs(everything), {"tags": prior}, DEFAULTS) == {"tags": tags, "tags_all": everything}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (None, DEFAULTS),
        ({"team": "other", "more": "x"}, {"team": "other", "cost": "1", "more": "x"}),
        (UNKNOWN, UNKNOWN),
        ({"more": UNKNOWN}, UNKNOWN),
    ],
)
def test_the_plan_has_all_tags(tags: Any, expected: Any) -> None:
    """A resource's own tag takes precedence; what is not known yet makes all unknown."""
    change = Change(None, State({"tags": tags}), {})

    planned = with_tags_all(change, Aws(AwsSettings(default_tags=DEFAULTS))).planned

    assert planned == {"tags": tags, "tags_all": expected}


def test_unknown_default_tags_make_all_tags_unknown() -> None:
    """Other unknown arguments of the provider do not. A destroy has no tags."""
    change = Change(None, State({"tags": {}}), {})

    def planned(*unknown: str) -> Mapping[str, Any] | None:
        return with_tags_all(change, Aws(AwsSettings(default_tags=DEFAULTS, unknown=unknown))).planned

    assert planned("default_tags") == {"tags": {}, "tags_all": UNKNOWN}
    assert planned("token") == {"tags": {}, "tags_all": DEFAULTS}
    destroy = Change(State({"tags": {}}), None, {})
    assert with_tags_all(destroy, Aws(AwsSettings())) == destroy


@pytest.mark.parametrize("known", ["tags", "tags_all"])
async def test_only_differences_are_written(aws: Aws, known: str) -> None:
    """Other tags are not touched. An older state has no `tags_all`."""
    await aws.iam(
        "create_role", RoleName="r", AssumeRolePolicyDocument=TRUST_POLICY, Tags=to_pairs({"a": "1", "b": "2"})
    )
    state = {"tags": None, "tags_all": None} | {known: {"a": "1", "b": "2", "gone before": "x"}}
    after = {"b": "3", "c": ""}

    await change_tags(aws, "role", {"RoleName": "r"}, state, after)

    role = (await aws.iam("get_role", RoleName="r"))["Role"]
    assert read_tags(role["Tags"], {}, {})["tags"] == after
