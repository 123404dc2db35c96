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

# IAM limits a managed policy to 6,144 characters, not counting white space. A longer document is split between its
# statements into policies of about half of that, so that no statement needs to be short.
locals {
  documents = {
    for key, document in var.policy_documents : key => {
      version    = jsondecode(document).Version
      statements = [for statement in jsondecode(document).Statement : jsonencode(statement)]
    }
  }

  # For each statement: the number of characters before it, and so the number of the policy that contains it.
  parts = merge([
    for key, document in local.documents : {
      for part, statements in {
        for index, statement in document.statements :
        floor(sum(concat([0], [for before in slice(document.statements, 0, index) : length(before) + 1])) / 3000) =>
        statement...
      } : "${key}-${part + 1}" => jsonencode({
        Version   = document.version
        Statement = [for statement in statements : jsondecode(statement)]
      })
    }
  ]...)
}

resource "aws_iam_policy" "this" {
  for_each = local.parts

  name   = "${var.role_name}-${each.key}"
  path   = var.role_path
  policy = each.value
  tags   = var.tags

  lifecycle {
    precondition {
      condition     = length(each.value) <= 6144
      error_message = "A statement of policy_documents is too long: IAM allows 6,144 characters for each policy, and ${each.key} has ${length(each.value)}. Split that statement."
    }
  }
}

resource "aws_iam_role_policy_attachment" "documents" {
  for_each = aws_iam_policy.this

  role       = aws_iam_role.this.name
  policy_arn = each.value.arn
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
  depends_on = [aws_iam_role_policy_attachment.this, aws_iam_role_policy_attachment.documents]
}
