# Creates a Dynatrace connection to this AWS account with web identity: connection, OIDC provider, role and role ARN.

terraform {
  required_version = ">= 1.4"

  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    dynatrace = {
      source = "terraform.local/dynatrace/dynatrace"
    }
  }
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

resource "dynatrace_aws_connection" "this" {
  name = var.name
  web_identity {
    consumers = [var.consumer]
  }
}

data "dynatrace_aws_trust" "presented" {
  connection_id = dynatrace_aws_connection.this.id
}

resource "aws_iam_openid_connect_provider" "this" {
  count = var.create_oidc_provider ? 1 : 0

  url            = data.dynatrace_aws_trust.presented.issuer
  client_id_list = [data.dynatrace_aws_trust.presented.audience]
  tags           = var.tags
}

data "aws_iam_openid_connect_provider" "existing" {
  count = var.create_oidc_provider ? 0 : 1

  arn = var.oidc_provider_arn
  url = var.oidc_provider_arn == null ? data.dynatrace_aws_trust.presented.issuer : null

  lifecycle {
    postcondition {
      condition     = contains(self.client_id_list, data.dynatrace_aws_trust.presented.audience)
      error_message = "The client IDs of the OIDC provider ${self.arn} do not contain exactly ${data.dynatrace_aws_trust.presented.audience} (without https:// and without a trailing slash). Add it to client_id_list where the OIDC provider is managed."
    }
  }
}

data "dynatrace_aws_trust" "this" {
  connection_id     = dynatrace_aws_connection.this.id
  oidc_provider_arn = one(concat(aws_iam_openid_connect_provider.this[*].arn, data.aws_iam_openid_connect_provider.existing[*].arn))
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  path                 = var.role_path
  assume_role_policy   = data.dynatrace_aws_trust.this.policy
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

# Taken from the ARN, which is unknown while the role is replaced, even if only its path changes and its name stays. So the
# attachments are replaced with the role. AWS does not delete a role that still has attached policies.
locals {
  role_name = basename(aws_iam_role.this.arn)
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.policy_arns

  role       = local.role_name
  policy_arn = each.value
}

resource "dynatrace_aws_connection_role_arn" "this" {
  aws_connection_id = dynatrace_aws_connection.this.id

  # The same as aws_iam_role.this.arn, but known before the role exists. Dynatrace does not allow a role ARN to be
  # changed: so the plan reports a renamed role, instead of the apply, which would have deleted the old role by then.
  role_arn = "arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:role${var.role_path}${var.role_name}"

  dynamic "timeouts" {
    for_each = var.create_timeout == null ? [] : [var.create_timeout]
    content {
      create = timeouts.value
    }
  }

  depends_on = [aws_iam_role.this]
}
