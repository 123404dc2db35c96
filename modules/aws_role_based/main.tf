# Creates a Dynatrace connection to this AWS account with role-based authentication: connection, role and role ARN.

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
  role_based_auth {
    consumers = [var.consumer]
  }
}

data "dynatrace_aws_trust" "this" {
  connection_id = dynatrace_aws_connection.this.id
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
