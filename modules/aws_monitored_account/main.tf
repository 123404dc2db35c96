# Connects Dynatrace to this AWS account and starts monitoring it: connection, role, role ARN, monitoring configuration.

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

# Dynatrace does not allow a role ARN to be changed, so a different role replaces the connection. The monitoring
# configuration keeps its ID and gets the new connection.
resource "terraform_data" "role" {
  input = "${var.role_path}${var.role_name}"
}

resource "dynatrace_aws_connection" "this" {
  name = var.name
  role_based_auth {
    consumers = ["SVC:com.dynatrace.da"]
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

  timeouts {
    create = var.create_timeout
  }
}

resource "dynatrace_aws_monitoring_configuration" "this" {
  name              = var.name
  enabled           = var.enabled
  connection_id     = dynatrace_aws_connection_role_arn.this.id
  account_id        = data.aws_caller_identity.this.account_id
  regions           = var.regions
  feature_sets      = var.feature_sets
  extension_version = var.extension_version
  tag_enrichment    = var.tag_enrichment
  additional_json   = var.additional_json

  dynamic "tag_filter" {
    for_each = var.tag_filters
    content {
      key       = tag_filter.value.key
      value     = tag_filter.value.value
      condition = tag_filter.value.condition
    }
  }

  # Dynatrace collects data as soon as the configuration exists, so the role needs its policies before.
  depends_on = [aws_iam_role_policy_attachment.this]
}
