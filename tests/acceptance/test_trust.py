"""Computed trust policies: functions and the data source, in roles that the sandbox then assumes."""

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed

CONNECTIONS = """
resource "dynatrace_aws_connection" "web" {
  count = 2
  name  = "web identity ${count.index}"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "dynatrace_aws_connection" "based" {
  count = 2
  name  = "role based ${count.index}"
  role_based_auth {
    consumers = ["SVC:com.dynatrace.da"]
  }
}
"""
TRUST = """
locals {
  tenant = "https://abc12345.live.dynatrace.com/"
}

resource "aws_iam_openid_connect_provider" "dynatrace" {
  url            = provider::dynatrace::aws_issuer(local.tenant)
  client_id_list = [provider::dynatrace::aws_audience(local.tenant, "APP:dynatrace.aws.connector")]
}

data "dynatrace_aws_trust" "web" {
  connection_id     = dynatrace_aws_connection.web[1].id
  oidc_provider_arn = aws_iam_openid_connect_provider.dynatrace.arn
}

data "dynatrace_aws_trust" "based" {
  name       = "role based 1"
  depends_on = [dynatrace_aws_connection.based]
}

locals {
  policies = {
    web-by-function       = provider::dynatrace::aws_trust_policy(
      dynatrace_aws_connection.web[0], local.tenant, aws_iam_openid_connect_provider.dynatrace.arn
    )
    based-by-function     = provider::dynatrace::aws_trust_policy(
      dynatrace_aws_connection.based[0], local.tenant, null
    )
    web-by-data-source    = data.dynatrace_aws_trust.web.policy
    based-by-data-source  = data.dynatrace_aws_trust.based.policy
  }
  connections = {
    web-by-function      = dynatrace_aws_connection.web[0].id
    based-by-function    = dynatrace_aws_connection.based[0].id
    web-by-data-source   = dynatrace_aws_connection.web[1].id
    based-by-data-source = dynatrace_aws_connection.based[1].id
  }
}

resource "aws_iam_role" "each" {
  for_each           = local.policies
  name               = each.key
  assume_role_policy = each.value
}

resource "dynatrace_aws_connection_role_arn" "each" {
  for_each          = local.connections
  aws_connection_id = each.value
  role_arn          = aws_iam_role.each[each.key].arn

  timeouts {
    create = "5s"
  }
}

output "subject" {
  value = provider::dynatrace::aws_subject(dynatrace_aws_connection.web[0].id)
}
"""


def test_a_role_with_a_computed_policy_is_assumed_at_the_first_try(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """With functions and with the data source, for both kinds of authentication; the next plan is empty."""
    terraform.apply(CONNECTIONS + TRUST)

    decisions = {one["role_arn"].rpartition("/")[2]: one for one in sandbox.aws()["assume_role_attempts"]}
    assert sorted(decisions) == ["based-by-data-source", "based-by-function", "web-by-data-source", "web-by-function"]
    assert [one["allowed"] for one in sandbox.aws()["assume_role_attempts"]] == [True] * 4
    assert decisions["web-by-function"]["presented"]["subject"] == terraform.output("subject")


MISTAKES = {
    'aws_audience("abc12345", "APP:dynatrace.aws.connector")': "abc12345.apps.dynatrace.com",
    'aws_audience("abc12345.apps.dynatrace.com", "DA")': "must be APP:<app ID> or SVC:<service ID>",
    'aws_issuer("")': "https://abc12345.apps.dynatrace.com",
    'aws_subject("AWS connection name")': "dynatrace_aws_connection.NAME.id",
}


def outputs(*calls: str) -> str:
    return "\n".join(f'output "it{i}" {{\n  value = provider::dynatrace::{call}\n}}' for i, call in enumerate(calls))


def test_mistakes_in_the_arguments_of_functions_are_found_by_validate(terraform: Terraform) -> None:
    """All at once, each with what is valid."""
    details = [message.detail for message in terraform.validate(outputs(*MISTAKES))]

    assert len(details) == len(MISTAKES)
    assert [says for says in MISTAKES.values() if not any(says in detail for detail in details)] == []


def test_a_policy_that_cannot_work_is_refused_at_plan(terraform: Terraform) -> None:
    """Before its connection exists."""
    policy = outputs('aws_trust_policy(dynatrace_aws_connection.web[0], "abc12345.apps.dynatrace.com", null)')

    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(CONNECTIONS + policy)

    assert ["oidc-provider/token.dynatrace.com" in error.detail for error in failed.value.errors] == [True]
