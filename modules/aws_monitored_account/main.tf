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

# Connection, role and role ARN.
module "connection" {
  source = "../aws_role_based"

  name                 = var.name
  consumer             = "SVC:com.dynatrace.da"
  role_name            = var.role_name
  role_path            = var.role_path
  policy_arns          = var.policy_arns
  permissions_boundary = var.permissions_boundary
  create_timeout       = var.create_timeout
  tags                 = var.tags
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

resource "aws_iam_role_policy_attachment" "this" {
  for_each = aws_iam_policy.this

  role       = module.connection.role_name
  policy_arn = each.value.arn
}

resource "dynatrace_aws_monitoring_configuration" "this" {
  name              = var.name
  enabled           = var.enabled
  connection_id     = module.connection.connection_id
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
  depends_on = [module.connection, aws_iam_role_policy_attachment.this]
}
