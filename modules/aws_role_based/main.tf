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

# Dynatrace does not allow a role ARN to be changed, so a different role replaces the connection.
resource "terraform_data" "role" {
  input = "${var.role_path}${var.role_name}"
}

resource "dynatrace_aws_connection" "this" {
  name = var.name
  role_based_auth {
    consumers = [var.consumer]
  }

  lifecycle {
    replace_triggered_by = [terraform_data.role]
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

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.value
}

resource "dynatrace_aws_connection_role_arn" "this" {
  aws_connection_id = dynatrace_aws_connection.this.id
  role_arn          = aws_iam_role.this.arn

  dynamic "timeouts" {
    for_each = var.create_timeout == null ? [] : [var.create_timeout]
    content {
      create = timeouts.value
    }
  }
}
