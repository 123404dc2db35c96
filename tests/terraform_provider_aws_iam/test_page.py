"""The page of the bundled AWS provider lists what the provider has, and nothing else."""

import re
from pathlib import Path

import pytest

from terraform_provider_aws_iam.provider import AwsProvider

PAGE = (Path(__file__).parents[2] / "docs" / "guides" / "aws-provider.md").read_text()
BLOCK = AwsProvider.schema


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("Resources", {resource.type_name for resource in AwsProvider.resources}),
        ("Data sources", {source.type_name for source in AwsProvider.data_sources}),
        ("Provider block", {*BLOCK.attributes, *BLOCK.blocks}),
    ],
)
def test_a_section_lists_everything(section: str, names: set[str]) -> None:
    """The first cell of each row."""
    text = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]

    assert {name for cell in cells for name in re.findall("`([^`]+)`", cell)} == names


def test_resources_with_tags_are_those_the_page_says() -> None:
    """All but two."""
    with_tags = {resource.type_name for resource in AwsProvider.resources if "tags_all" in resource.schema.attributes}
    without = {resource.type_name for resource in AwsProvider.resources} - with_tags

    assert "All resources except the\nlast two have `tags` and `tags_all`." in PAGE
    assert without == {"aws_iam_role_policy", "aws_iam_role_policy_attachment"}
