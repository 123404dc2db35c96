# A pipeline creates a connection with platform credentials and gives it to the group of a team. All users can read the
# connection, also the pipeline, so that its next plan works. Each resource refers to the one that has to be applied
# before it: the role ARN is set and the permissions are granted before the pipeline loses its ownership.

variable "team" {
  description = "UUID of the group that will own the connection"
  type        = string
}

locals {
  tenant_url = "https://abc12345.apps.dynatrace.com"
}

resource "dynatrace_aws_connection" "example" {
  name = "Account 123456789012"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "aws_iam_openid_connect_provider" "dynatrace" {
  url            = provider::dynatrace::aws_issuer(local.tenant_url)
  client_id_list = [provider::dynatrace::aws_audience(local.tenant_url, "APP:dynatrace.aws.connector")]
}

resource "aws_iam_role" "dynatrace" {
  name = "dynatrace"
  assume_role_policy = provider::dynatrace::aws_trust_policy(
    dynatrace_aws_connection.example, local.tenant_url, aws_iam_openid_connect_provider.dynatrace.arn
  )
}

resource "dynatrace_aws_connection_role_arn" "example" {
  aws_connection_id = dynatrace_aws_connection.example.id
  role_arn          = aws_iam_role.dynatrace.arn
}

resource "dynatrace_settings_permissions" "example" {
  settings_object_id = dynatrace_aws_connection_role_arn.example.id
  all_users          = "read"
}

resource "dynatrace_settings_owner" "example" {
  settings_object_id = dynatrace_settings_permissions.example.id
  group              = var.team
}
