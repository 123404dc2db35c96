"""The CLI configuration for providers that Terraform only finds if it is configured to."""

from pathlib import Path

from terraform_plugin.install.cli_configuration import provider_installation


def test_the_block_has_all_that_terraform_searches_without_one() -> None:
    """The usual mirror, and the registries for everything that is in neither mirror."""
    block = provider_installation(
        Path('/h/with "quotes" ü'), ["hashicorp/aws"], Path("/h/.terraform.d/plugins"), ["terraform.local/a/b"]
    )

    assert (
        block
        == """\
provider_installation {
  filesystem_mirror {
    path    = "/h/with \\"quotes\\" ü"
    include = ["hashicorp/aws"]
  }
  filesystem_mirror {
    path = "/h/.terraform.d/plugins"
  }
  direct {
    exclude = ["hashicorp/aws", "terraform.local/a/b"]
  }
}
"""
    )


def test_a_mirror_that_is_not_there_is_not_in_the_block() -> None:
    """Terraform would fail to search it."""
    assert provider_installation(Path("/m"), ["a/b"], None, []).count("filesystem_mirror") == 1
