"""The small AWS provider, installed and started by the real Terraform, against moto's server."""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from terraform_plugin.install.mirror import install, module_command
from terraform_plugin.testing import Terraform, TerraformFailed
from terraform_provider_aws_iam import SOURCE
from terraform_provider_aws_iam.client import Aws
from tests.aws_account import TRUST_POLICY

ARN = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"
OIDC_PROVIDER = """
resource "aws_iam_openid_connect_provider" "this" {
  url            = "https://token.dynatrace.com"
  client_id_list = ["host/app-id/one"]
}
"""
POLICY = """jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.this.arn }
      Condition = { StringEquals = { "${aws_iam_openid_connect_provider.this.url}:sub" = "subject" } }
    }]
  })"""
ROLE = f"""
resource "aws_iam_role" "this" {{
  name               = "dynatrace"
  assume_role_policy = {POLICY}
}}
"""
WITHOUT_RESOURCES = "# nothing"
FIXED = ROLE.replace(POLICY, json.dumps(TRUST_POLICY))


@pytest.fixture(scope="session")
def aws_mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror that contains the provider."""
    mirror = tmp_path_factory.mktemp("mirror")
    install(SOURCE, "0.1.0", module_command("terraform_provider_aws_iam"), mirror)
    return mirror


@pytest.fixture
def terraform(tmp_path: Path, aws_mirror: Path, aws: Aws, aws_url: str) -> Iterator[Terraform]:
    """Terraform with an empty AWS account. After the test, everything is destroyed, and nothing may be left."""
    environment = {
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    terraform = Terraform(tmp_path, aws_mirror, {"aws": SOURCE}, environment)
    yield terraform
    terraform.destroy()
    assert asyncio.run(aws.iam("list_open_id_connect_providers"))["OpenIDConnectProviderList"] == []
    assert asyncio.run(aws.list_all("list_roles", "Roles")) == []
    assert asyncio.run(aws.list_all("list_policies", "Policies", Scope="Local")) == []


def test_a_trust_policy_gets_the_issuer_without_scheme(terraform: Terraform) -> None:
    """Keys of conditions can be written as on the page, and the next plan is empty."""
    terraform.apply(OIDC_PROVIDER + ROLE)

    state = terraform.state()
    assert state["aws_iam_openid_connect_provider.this"]["url"] == "token.dynatrace.com"
    policy = json.loads(state["aws_iam_role.this"]["assume_role_policy"])
    assert policy["Statement"][0]["Condition"] == {"StringEquals": {"token.dynatrace.com:sub": "subject"}}
    assert policy["Statement"][0]["Principal"] == {"Federated": ARN}


def test_another_formatting_of_the_policy_is_not_a_change(terraform: Terraform) -> None:
    """Written by hand, with other spaces and lists of one."""
    terraform.apply(OIDC_PROVIDER + ROLE)
    by_hand = f"""<<-POLICY
    {{ "Statement": {{"Principal": {{"Federated": ["{ARN}"]}}, "Effect": "Allow",
                      "Condition": {{"StringEquals": {{"token.dynatrace.com:sub": ["subject"]}}}},
                      "Action": ["sts:AssumeRoleWithWebIdentity"]}},
      "Version": "2012-10-17" }}
    POLICY"""
    assert terraform.plan(OIDC_PROVIDER + ROLE.replace(POLICY, by_hand)).empty


def test_policy_audiences_and_tags_change_in_place(terraform: Terraform) -> None:
    """Role and OIDC provider are not replaced."""
    terraform.apply(OIDC_PROVIDER + ROLE)
    before = terraform.state()["aws_iam_role.this"]["unique_id"]
    changed = (OIDC_PROVIDER + ROLE).replace('"subject"', '"other"').replace("/one", "/two")
    changed = changed.replace('name               = "dynatrace"', 'name = "dynatrace"\n  tags = { team = "a" }')

    plan = terraform.plan(changed)
    terraform.apply(changed)

    assert set(map(tuple, plan.changes.values())) == {("update",)}
    assert plan.unknown("aws_iam_role.this") == {}
    state = terraform.state()
    assert state["aws_iam_openid_connect_provider.this"]["client_id_list"] == ["host/app-id/two"]
    assert state["aws_iam_role.this"]["unique_id"] == before


def test_what_exists_can_be_imported(terraform: Terraform, aws: Aws) -> None:
    """By ARN and by name; then the plan imports and changes nothing."""
    asyncio.run(
        aws.iam("create_open_id_connect_provider", Url="https://token.dynatrace.com", ClientIDList=["host/app-id/one"])
    )
    asyncio.run(aws.iam("create_role", RoleName="dynatrace", AssumeRolePolicyDocument=TRUST_POLICY))
    imports = f"""
    import {{
      to = aws_iam_openid_connect_provider.this
      id = "{ARN}"
    }}
    import {{
      to = aws_iam_role.this
      id = "dynatrace"
    }}
    """
    plan = terraform.plan(OIDC_PROVIDER + FIXED + imports)
    assert plan.changes == {}
    terraform.apply(OIDC_PROVIDER + FIXED + imports)


def test_policies_are_attached_and_existing_objects_are_found(terraform: Terraform, aws: Aws) -> None:
    """What modules need: attachments, the account, an OIDC provider that another team manages."""
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}'
    asyncio.run(aws.iam("create_policy", PolicyName="reading", PolicyDocument=document))
    terraform.apply(
        OIDC_PROVIDER
        + FIXED
        + """
    resource "aws_iam_role_policy_attachment" "this" {
      role       = aws_iam_role.this.name
      policy_arn = "arn:aws:iam::${data.aws_caller_identity.this.account_id}:policy/reading"
    }
    data "aws_caller_identity" "this" {}
    data "aws_iam_openid_connect_provider" "this" {
      url        = "https://token.dynatrace.com"
      depends_on = [aws_iam_openid_connect_provider.this]
    }
    output "arn" {
      value = data.aws_iam_openid_connect_provider.this.arn
    }
    """
    )
    assert terraform.output("arn") == ARN
    attached = asyncio.run(aws.list_all("list_attached_role_policies", "AttachedPolicies", RoleName="dynatrace"))
    assert [policy["PolicyName"] for policy in attached] == ["reading"]
    terraform.destroy()
    asyncio.run(aws.iam("delete_policy", PolicyArn="arn:aws:iam::123456789012:policy/reading"))


def test_a_provider_block_for_hashicorp_aws_is_accepted(terraform: Terraform, aws_url: str) -> None:
    """Its arguments take precedence over the environment; `skip_…` arguments have no effect."""
    terraform.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
    block = f"""
    provider "aws" {{
      region                      = "eu-central-1"
      access_key                  = "other"
      secret_key                  = "very-secret"
      skip_credentials_validation = true
      skip_metadata_api_check     = true
      skip_region_validation      = true
      skip_requesting_account_id  = true
      endpoints {{
        iam = "{aws_url}"
        sts = "{aws_url}"
      }}
    }}
    """
    terraform.apply(block + FIXED)
    assert "arn" in terraform.state()["aws_iam_role.this"]
    assert "very-secret" not in terraform.log


MONITORING = """
provider "aws" {
  region = "eu-central-1"
  default_tags {
    tags = {
      team = "TEAM"
      cost = "1"
    }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::314146291599:root"]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [terraform_data.connection.id]
    }
  }
}

data "aws_iam_policy_document" "metrics" {
  statement {
    sid       = "Metrics"
    actions   = ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "all" {
  source_policy_documents = [data.aws_iam_policy_document.metrics.json]
  statement {
    actions   = ["tag:GetResources"]
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [data.aws_region.current.name]
    }
  }
}

resource "terraform_data" "connection" {}

resource "aws_iam_role" "monitoring" {
  name               = "dynatrace-monitoring"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = { team = "own" }

  lifecycle {
    precondition {
      condition     = data.aws_caller_identity.current.account_id == "123456789012"
      error_message = "The AWS credentials belong to another account."
    }
  }
}

resource "aws_iam_role_policy" "inline" {
  name   = "metrics"
  role   = aws_iam_role.monitoring.id
  policy = data.aws_iam_policy_document.metrics.minified_json
}

resource "aws_iam_policy" "monitoring" {
  name_prefix = "monitoring-"
  description = "For Dynatrace"
  policy      = data.aws_iam_policy_document.all.json
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = aws_iam_policy.monitoring.arn
}
"""


def test_a_public_monitoring_configuration_is_applied_and_destroyed(terraform: Terraform, aws: Aws) -> None:
    """Trust and permissions as policy documents, an inline and a managed policy, default tags; then an empty plan."""
    terraform.apply(MONITORING)

    state = terraform.state()
    trust = json.loads(state["aws_iam_role.monitoring"]["assume_role_policy"])
    assert trust["Statement"][0]["Condition"] == {
        "StringEquals": {"sts:ExternalId": state["terraform_data.connection"]["id"]}
    }
    assert state["aws_iam_role.monitoring"]["tags_all"] == {"team": "own", "cost": "1"}
    assert state["aws_iam_policy.monitoring"]["tags_all"] == {"team": "TEAM", "cost": "1"}
    role = asyncio.run(aws.iam("get_role", RoleName="dynatrace-monitoring"))["Role"]
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == {"team": "own", "cost": "1"}
    attached = asyncio.run(aws.list_all("list_attached_role_policies", "AttachedPolicies", RoleName=role["RoleName"]))
    assert [policy["PolicyArn"] for policy in attached] == [state["aws_iam_policy.monitoring"]["arn"]]


def test_a_role_gets_policies_that_aws_manages(terraform: Terraform, aws: Aws) -> None:
    """As in public configurations for Dynatrace: ReadOnlyAccess, here with a second one from a list."""
    terraform.apply(
        FIXED
        + """
    resource "aws_iam_role_policy_attachment" "read_only" {
      role       = aws_iam_role.this.name
      policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    }
    resource "aws_iam_role_policy_attachment" "more" {
      for_each   = toset(["arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"])
      role       = aws_iam_role.this.name
      policy_arn = each.value
    }
    """
    )

    attached = asyncio.run(aws.list_all("list_attached_role_policies", "AttachedPolicies", RoleName="dynatrace"))
    assert {policy["PolicyName"] for policy in attached} == {"ReadOnlyAccess", "ViewOnlyAccess"}


def test_another_default_tag_is_a_change_of_what_has_it(terraform: Terraform) -> None:
    """Only resources with tags change."""
    terraform.apply(MONITORING)
    changed = MONITORING.replace('"TEAM"', '"other"').replace('cost = "1"', 'cost = "2"')

    plan = terraform.plan(changed)
    terraform.apply(changed)

    assert plan.changes == {"aws_iam_role.monitoring": ["update"], "aws_iam_policy.monitoring": ["update"]}
    state = terraform.state()
    assert state["aws_iam_role.monitoring"]["tags_all"] == {"team": "own", "cost": "2"}
    assert state["aws_iam_policy.monitoring"]["tags_all"] == {"team": "other", "cost": "2"}


def test_a_role_is_assumed_in_another_account(terraform: Terraform) -> None:
    """By one of two provider blocks, as in organizations with many accounts."""
    terraform.apply("""
    provider "aws" {
      alias      = "setup"
      access_key = "222222222222"
      secret_key = "test"
    }
    resource "aws_iam_role" "deploy" {
      provider = aws.setup
      name     = "deploy"
      assume_role_policy = jsonencode({
        Version = "2012-10-17"
        Statement = [{
          Effect    = "Allow"
          Principal = { AWS = "123456789012" }
          Action    = "sts:AssumeRole"
          Condition = { StringEquals = { "sts:ExternalId" = "id-of-ours" } }
        }]
      })
    }
    provider "aws" {
      alias = "member"
      assume_role {
        role_arn     = "arn:aws:iam::222222222222:role/deploy"
        session_name = "terraform-ci"
        external_id  = "id-of-ours"
        duration     = "1h"
      }
    }
    data "aws_caller_identity" "here" {}
    data "aws_caller_identity" "member" {
      provider   = aws.member
      depends_on = [aws_iam_role.deploy]
    }
    output "accounts" {
      value = [data.aws_caller_identity.here.account_id, data.aws_caller_identity.member.account_id]
    }
    output "arn" {
      value = data.aws_caller_identity.member.arn
    }
    """)

    assert terraform.output("accounts") == ["123456789012", "222222222222"]
    assert terraform.output("arn") == "arn:aws:sts::222222222222:assumed-role/deploy/terraform-ci"


def test_an_error_of_aws_is_one_error_that_says_what_to_do(terraform: Terraform, aws: Aws) -> None:
    """At its resource, and without a traceback."""
    asyncio.run(aws.iam("create_role", RoleName="dynatrace", AssumeRolePolicyDocument=TRUST_POLICY))
    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(FIXED)
    (error,) = failed.value.errors
    assert error.address == "aws_iam_role.this"
    assert error.summary == "AWS rejected CreateRole"
    assert error.detail.startswith("EntityAlreadyExists: ")
    assert "Import" in error.detail
    assert "Traceback" not in failed.value.output
    asyncio.run(aws.iam("delete_role", RoleName="dynatrace"))


def test_mistakes_are_found_before_any_request(terraform: Terraform) -> None:
    """All of them at once, each at its attribute."""
    config = """
    resource "aws_iam_role" "this" {
      name                 = "no spaces please"
      name_prefix          = "both"
      assume_role_policy   = "not json"
      max_session_duration = 60
    }
    """
    mistakes = {message.code for message in terraform.validate(config)}
    assert {line.split("=")[0].strip() for line in mistakes} == {
        "name",
        "name_prefix",
        "assume_role_policy",
        "max_session_duration",
    }
    terraform.init(WITHOUT_RESOURCES)
