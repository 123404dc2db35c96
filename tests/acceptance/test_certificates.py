"""TLS with real Terraform: invalid certificates are refused with a reason, unless verification is switched off."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import connection
from tests.tls_front import HOST, Authority, tls_front

# What is wrong with the certificate -> what came back, and what to do next.
SAYS = {
    "unknown": ["unable to get local issuer certificate", "the system's certificate store or set SSL_CERT_FILE"],
    "expired": ["certificate has expired", "has to renew it"],
    "misnamed": [
        "certificate is not valid for '127.0.0.1'",
        "check the environment URL (the argument dt_env_url, which is",
    ],
}
SWITCHED_OFF = 'provider "dynatrace" {\n  http_insecure = true\n}\n'


def listing(alias: str, url: str) -> str:
    """Return a data source that reads through a provider block of its own."""
    return (
        f'provider "dynatrace" {{\n  alias      = "{alias}"\n  dt_env_url = "{url}"\n}}\n'
        f'data "dynatrace_aws_connections" "{alias}" {{\n  provider = dynatrace.{alias}\n}}\n'
    )


def test_an_invalid_certificate_is_refused_with_the_reason(
    terraform: Terraform, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    """Of an unknown authority, expired, or of another host: no credential is sent. A valid one is accepted."""
    (tmp_path / "other").mkdir()
    authority, other = Authority(tmp_path), Authority(tmp_path / "other")
    contexts = {
        "unknown": other.context(HOST),
        "expired": authority.context(HOST, days=-1),
        "misnamed": authority.context("elsewhere.example"),
        "good": authority.context(HOST),
    }
    terraform.environ["SSL_CERT_FILE"] = str(authority.file)

    with ExitStack() as fronts:
        urls = {name: fronts.enter_context(tls_front(sandbox.url, context)) for name, context in contexts.items()}
        with pytest.raises(TerraformFailed) as failed:
            terraform.plan("".join(listing(name, url) for name, url in urls.items()))

    errors = {error.address.rpartition(".")[2]: error for error in failed.value.errors}
    assert {name: [text for text in says if text not in errors[name].detail] for name, says in SAYS.items()} == {
        name: [] for name in SAYS
    }
    assert [error.summary.endswith("cannot be reached") for error in errors.values()] == [True] * 3
    assert [request["status"] for request in sandbox.requests()] == [200]


def test_certificates_are_not_verified_with_http_insecure(
    terraform: Terraform, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    """With the variable or the argument, an unknown and expired certificate of another host is accepted."""
    with tls_front(sandbox.url, Authority(tmp_path).context("elsewhere.example", days=-1)) as url:
        terraform.environ |= {"DYNATRACE_ENV_URL": url, "DYNATRACE_HTTP_INSECURE": "true"}
        terraform.apply(connection())
        del terraform.environ["DYNATRACE_HTTP_INSECURE"]
        assert terraform.plan(SWITCHED_OFF + connection()).empty

    terraform.environ["DYNATRACE_ENV_URL"] = sandbox.url
    assert len(sandbox.objects()) == 1
