# A connection from Dynatrace to an AWS account: the connection, the OIDC provider and the role that trust it, and the
# role's ARN given to the connection, upon which Dynatrace assumes the role.

terraform {
  required_providers {
    dynatrace = {
      source = "terraform.local/dynatrace/dynatrace"
    }
    # A small provider for where the registry cannot be reached. Where it can, take AWS's own instead:
    #   source = "hashicorp/aws"
    aws = {
      source = "terraform.local/dynatrace/aws"
    }
  }
}

variable "tenant_url" {
  description = "The host name of your Dynatrace tenant, for example abc12345.apps.dynatrace.com"
  type        = string

  validation {
    condition     = can(regex("^[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)+$", var.tenant_url))
    error_message = "Only the host name, without https:// and without a slash: abc12345.apps.dynatrace.com"
  }

  validation {
    condition     = !strcontains(var.tenant_url, ".live.")
    error_message = "Write .apps. instead of .live.: Dynatrace presents itself to AWS by that name."
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
