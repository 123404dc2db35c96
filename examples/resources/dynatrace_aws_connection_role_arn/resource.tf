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
