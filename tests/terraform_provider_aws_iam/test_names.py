"""Names of IAM objects."""

import pytest

from terraform_plugin import UNKNOWN, Path
from terraform_provider_aws_iam.names import name_attributes, name_of


@pytest.mark.parametrize(
    ("plan", "beginning"),
    [({"name": UNKNOWN, "name_prefix": None}, "terraform-"), ({"name": UNKNOWN, "name_prefix": "dt-"}, "dt-")],
)
def test_a_generated_name_is_unique(plan: dict[str, str], beginning: str) -> None:
    """The same plan gives two different names."""
    first, second = name_of(plan), name_of(plan)

    assert first != second
    assert first.startswith(beginning)
    assert len(first) == len(second) == len(beginning) + 26


def test_a_planned_name_is_used() -> None:
    """As it is."""
    assert name_of({"name": "dynatrace", "name_prefix": None}) == "dynatrace"


def test_the_longest_prefix_leaves_room_for_the_rest() -> None:
    """The generated name is no longer than IAM allows."""
    for check in name_attributes(64)["name_prefix"].validators:
        assert list(check("p" * 38, Path("name_prefix"))) == []
    assert len(name_of({"name": UNKNOWN, "name_prefix": "p" * 38})) == 64
