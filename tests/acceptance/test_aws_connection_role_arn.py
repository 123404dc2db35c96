"""`dynatrace_aws_connection_role_arn` with real Terraform: trust, waiting, and what cannot be undone."""

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import AUDIENCE, connection, role, role_arn
from tests.acceptance.tenants import create, trusting_role, web_identity

ADDRESS = "dynatrace_aws_connection_role_arn.this"
WHOLE = connection() + role() + role_arn()


def test_dynatrace_assumes_the_role_that_trusts_it(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The example of the page: the trust policy of the role decides."""
    terraform.apply(WHOLE)

    [found] = sandbox.objects()
    [decision] = sandbox.aws()["assume_role_attempts"]
    assert found["value"]["awsWebIdentity"]["roleArn"] == "arn:aws:iam::123456789012:role/dynatrace"
    assert decision["allowed"]
    assert terraform.state()[ADDRESS]["id"] == found["objectId"]


def test_role_based_authentication_presents_an_external_id(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The external id is the connection's id; the principal is Dynatrace's account."""
    terraform.apply(
        """
resource "dynatrace_aws_connection" "this" {
  name = "production"
  role_based_auth {
    consumers = ["SVC:com.dynatrace.da"]
  }
}
resource "aws_iam_role" "dynatrace" {
  name = "dynatrace"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::314146291599:root" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = dynatrace_aws_connection.this.id } }
    }]
  })
}
"""
        + role_arn()
    )

    [decision] = sandbox.aws()["assume_role_attempts"]
    assert decision["allowed"]


def test_a_role_that_appears_late_is_waited_for(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """IAM is eventually consistent: refusals are retried until the role exists."""
    sandbox.configure(iam_propagation=2.5)

    terraform.apply(WHOLE)

    decisions = [attempt["allowed"] for attempt in sandbox.aws()["assume_role_attempts"]]
    assert decisions[-1]
    assert len(decisions) > 1


def test_an_audience_with_a_scheme_is_explained_at_the_timeout(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The error shows what Dynatrace presents; the connection and the role stay in the state."""
    config = connection() + role(audience=f"https://{AUDIENCE}") + role_arn(timeout="2s")

    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(config)

    [error] = failed.value.errors
    assert error.address == ADDRESS
    assert "sts:AssumeRoleWithWebIdentity" in error.detail  # the last real answer
    assert f"dt:connection-id/{sandbox.objects()[0]['objectId']}" in error.detail
    assert f" {AUDIENCE}" in error.detail
    assert "https://token.dynatrace.com" in error.detail
    assert ADDRESS not in terraform.state()

    terraform.apply(WHOLE)


def test_a_role_arn_that_is_already_set_succeeds(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Nothing is written again, whoever has set it."""
    terraform.apply(WHOLE)
    terraform.run("state", "rm", ADDRESS)

    terraform.apply(WHOLE)

    assert len([put for put in sandbox.requests("PUT") if not put["query"]]) == 1  # the others only validate, at plan


def test_a_connection_with_another_role_arn_fails_at_once(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Without retries, because it cannot succeed. The error says what to do. A plan may not have known of it."""
    terraform.apply(WHOLE)
    terraform.run("state", "rm", ADDRESS)
    terraform.environ["DYNATRACE_VALIDATE_AT_PLAN"] = "false"
    puts = len(sandbox.requests("PUT"))

    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(connection() + role() + role_arn('"arn:aws:iam::123456789012:role/other"'))

    [error] = failed.value.errors
    assert "arn:aws:iam::123456789012:role/dynatrace" in error.detail
    assert "-replace" in error.detail
    assert len(sandbox.requests("PUT")) == puts


@pytest.mark.parametrize(
    "arn", ["no-arn", "arn:aws:iam::123456789012:user/somebody", "arn:aws:iam::abc:role/x", "arn:aws:s3:::bucket", ""]
)
def test_a_malformed_role_arn_is_found_by_validate(terraform: Terraform, arn: str) -> None:
    """Nothing is created."""
    [message] = terraform.validate(connection() + role_arn(f'"{arn}"'))

    assert (message.severity, message.summary) == ("error", "Invalid role ARN")
    assert "arn:aws:iam::" in message.detail
    assert "role_arn" in message.code


def test_an_invalid_timeout_is_reported_by_validate(terraform: Terraform) -> None:
    """The error has an example."""
    [message] = terraform.validate(connection() + role() + role_arn(timeout="soon"))

    assert (message.severity, message.summary) == ("error", "Invalid duration")
    assert '"2m"' in message.detail


def test_destroying_a_role_arn_warns_that_it_stays(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Dynatrace removes a role ARN only with its connection."""
    terraform.apply(WHOLE)

    result = terraform.apply(connection() + role())

    assert [warning.summary for warning in result.warnings] == ["The role ARN stays in Dynatrace"]
    assert sandbox.objects()[0]["value"]["awsWebIdentity"]["roleArn"] != ""


def test_a_connection_that_does_not_exist_is_named(terraform: Terraform) -> None:
    """The error of a 404 shows the ID."""
    terraform.environ["DYNATRACE_VALIDATE_AT_PLAN"] = "false"
    with pytest.raises(TerraformFailed) as failed:
        terraform.apply("""
resource "dynatrace_aws_connection_role_arn" "this" {
  aws_connection_id = "vu9U3hXa3q0AAAABnope"
  role_arn          = "arn:aws:iam::123456789012:role/x"
}
""")

    [error] = failed.value.errors
    assert "vu9U3hXa3q0AAAABnope" in f"{error.summary} {error.detail}"


def test_destroying_everything_warns_about_nothing(terraform: Terraform) -> None:
    """The role ARN is deleted with its connection."""
    terraform.apply(WHOLE)

    assert terraform.destroy().warnings == []


def test_a_renamed_role_is_a_warning_of_the_plan_and_never_leaves_the_state(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """The plan does not know the new ARN. The apply fails and keeps the role ARN. The suggested way works."""
    terraform.apply(WHOLE)
    renamed = connection() + role("renamed") + role_arn()

    plan = terraform.plan(renamed)
    with pytest.raises(TerraformFailed, match="already has another role ARN"):
        terraform.apply(renamed)

    assert [warning.summary for warning in plan.warnings] == ["The role ARN of a connection cannot change"]
    assert terraform.state()[ADDRESS]["role_arn"] == "arn:aws:iam::123456789012:role/dynatrace"
    terraform.apply(renamed, "-replace=dynatrace_aws_connection.this")
    assert sandbox.objects()[0]["value"]["awsWebIdentity"]["roleArn"] == "arn:aws:iam::123456789012:role/renamed"


def test_a_role_that_is_created_again_with_the_same_arn_needs_no_new_connection(terraform: Terraform) -> None:
    """The plan warns, because it cannot know that; the apply succeeds."""
    terraform.apply(WHOLE)
    terraform.run("taint", "aws_iam_role.dynatrace")

    terraform.apply(WHOLE)


def test_a_run_that_does_not_plan_the_connection_does_not_say_that_its_role_arn_stays(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """If it is in another state, or left out by `-target`, the provider does not know whether it is destroyed."""
    with trusting_role(sandbox) as arn:
        [object_id] = create(sandbox, [web_identity("elsewhere")]).values()
        terraform.apply(f"""
        resource "dynatrace_aws_connection_role_arn" "this" {{
          aws_connection_id = "{object_id}"
          role_arn          = "{arn}"
        }}
        """)
        result = terraform.destroy()

        assert result.warnings == []
        assert sandbox.objects()[0]["value"]["awsWebIdentity"]["roleArn"] == arn
    sandbox.reset()

    terraform.apply(WHOLE)
    targeted = terraform.destroy(f"-target={ADDRESS}")

    assert "The role ARN stays in Dynatrace" not in [warning.summary for warning in targeted.warnings]
    assert sandbox.objects()[0]["value"]["awsWebIdentity"]["roleArn"] != ""
