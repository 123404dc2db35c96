# Connects Dynatrace to an AWS account: the connection, the OIDC provider and the role that trust it, and the role ARN of
# the connection. When the role ARN is set, Dynatrace assumes the role.

terraform {
  required_providers {
    dynatrace = {
      source = "terraform.local/dynatrace/dynatrace"
    }
    # A small provider that also works offline. If you can reach the registry, use AWS's own provider instead:
    #   source = "hashicorp/aws"
    aws = {
      source = "terraform.local/dynatrace/aws"
    }
  }
}

variable "tenant_url" {
  description = "Host name of your Dynatrace environment, such as abc12345.apps.dynatrace.com"
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)+$", var.tenant_url))
    error_message = "tenant_url must be a host name without https:// and without a slash, such as abc12345.apps.dynatrace.com."
  }

  validation {
    condition     = !strcontains(var.tenant_url, ".live.")
    error_message = "tenant_url must contain .apps. instead of .live., because Dynatrace presents the .apps. host name to AWS."
  }
}

resource "dynatrace_aws_connection" "test-aws-connection" {
  name = "AWS connection name"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "aws_iam_openid_connect_provider" "dynatrace-oidc-provider" {
  url = "https://token.dynatrace.com"

  client_id_list = [
    "${var.tenant_url}/app-id/dynatrace.aws.connector",
  ]
}

resource "aws_iam_role" "example_role" {
  name = "AWS-iam-role-name"
  assume_role_policy = jsonencode(
    {
      "Version" : "2012-10-17",
      "Statement" : [
        {
          "Effect" : "Allow",
          "Principal" : {
            "Federated" : "${aws_iam_openid_connect_provider.dynatrace-oidc-provider.arn}"
          },
          "Action" : "sts:AssumeRoleWithWebIdentity",
          "Condition" : {
            "StringEquals" : {
              "${aws_iam_openid_connect_provider.dynatrace-oidc-provider.url}:sub" : "dt:connection-id/${dynatrace_aws_connection.test-aws-connection.id}",
              "${aws_iam_openid_connect_provider.dynatrace-oidc-provider.url}:aud" : "${var.tenant_url}/app-id/dynatrace.aws.connector"
            }
          }
        }
      ]
  })
}

resource "dynatrace_aws_connection_role_arn" "test-aws-connection-arn" {
  aws_connection_id = dynatrace_aws_connection.test-aws-connection.id
  role_arn          = aws_iam_role.example_role.arn

  timeouts {
    create = "15s"
  }
}
