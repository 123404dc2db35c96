"""Source addresses and platforms, as Terraform reads them."""

import pytest

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.source import DEFAULT_HOSTS, Source, platforms


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("terraform.local/example/cloud", Source(("terraform.local",), "example", "cloud")),
        ("Registry.Example.COM/Example/my-cloud", Source(("registry.example.com",), "example", "my-cloud")),
        ("localhost:8080/a/b", Source(("localhost:8080",), "a", "b")),
        ("example/cloud", Source(DEFAULT_HOSTS, "example", "cloud")),
    ],
)
def test_a_source_address_has_two_or_three_parts(address: str, source: Source) -> None:
    """Without a host it means Terraform's registry to Terraform and OpenTofu's to OpenTofu."""
    assert Source.parse(address) == source


@pytest.mark.parametrize(
    "address",
    [
        "", "cloud", "/cloud", "example/", "a/b/c/d", "host/example/cloud", "-a.b/c/d", "a.b/c/../d", "a.b/../d",
        "a.b/c/d e", "a.b/c--d/e", "a.b/c_d/e", "a.b/c/d\n", "https://a.b/c/d", "a.b/c/terraform-provider-d",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_address(address: str) -> None:
    """Terraform would not find a provider with such an address."""
    with pytest.raises(Error, match="Invalid source address") as refused:
        Source.parse(address)

    assert f'"{address}"' in refused.value.detail


@pytest.mark.parametrize(
    ("address", "belongs"),
    [
        ("hashicorp/aws", True),
        ("dynatrace-oss/dynatrace", True),
        ("registry.terraform.io/hashicorp/aws", True),
        ("registry.opentofu.org/hashicorp/aws", True),
        ("app.terraform.io/team/aws", True),
        ("registry.acme.com/team/aws", True),
        ("nonlocal.com/team/aws", True),
        ("terraform.local/dynatrace/dynatrace", False),
        ("terraform.test/examples/echo", False),
        ("localhost/a/b", False),
        ("localhost:8080/a/b", False),
        ("mirror.internal/a/b", False),
    ],
)
def test_an_address_belongs_to_a_registry_unless_its_host_is_for_local_use(address: str, *, belongs: bool) -> None:
    """Only such a host can have no registry on the Internet."""
    assert Source.parse(address).has_registry is belongs


@pytest.mark.parametrize(
    ("system", "machine", "names"),
    [
        ("linux", "x86_64", ("linux_amd64",)),
        ("linux", "aarch64", ("linux_arm64",)),
        ("linux", "armv7l", ("linux_arm",)),
        ("freebsd14", "amd64", ("freebsd_amd64",)),
        ("win32", "AMD64", ("windows_amd64",)),
        ("darwin", "arm64", ("darwin_amd64", "darwin_arm64")),
    ],
)
def test_platforms_are_named_as_go_names_them(system: str, machine: str, names: tuple[str, ...]) -> None:
    """A Mac runs both kinds of Terraform."""
    assert platforms(system, machine) == names
