# The role is created in another workspace, for example by the team that owns the AWS account. The ARN of a role follows
# from its account and its name, so neither workspace has to wait for an output of the other: this one creates the
# connection, that one creates the role with external_id, and the role ARN is retried until the role exists.

variable "account_id" {
  description = "ID of the AWS account."
  type        = string
}

variable "role_name" {
  description = "Name of the role that the other workspace creates."
  type        = string
  default     = "dynatrace-monitoring"
}

resource "dynatrace_aws_connection" "other" {
  name = "other workspace"
  role_based_auth {
    consumers = ["SVC:com.dynatrace.da"]
  }
}

# What the other workspace needs for the trust policy of the role. With terraform_remote_state or a data source of your
# own, read these outputs there; data "dynatrace_aws_trust" with the name of the connection gives the same.
output "external_id" {
  description = "External ID that Dynatrace presents to AWS."
  value       = dynatrace_aws_connection.other.id
}

resource "dynatrace_aws_connection_role_arn" "other" {
  aws_connection_id = dynatrace_aws_connection.other.id
  role_arn          = "arn:aws:iam::${var.account_id}:role/${var.role_name}"

  timeouts {
    create = "30m" # until the other workspace has created the role
  }
}

resource "dynatrace_aws_monitoring_configuration" "other" {
  name          = "other workspace"
  connection_id = dynatrace_aws_connection_role_arn.other.id
  account_id    = var.account_id
  regions       = ["us-east-1"]
  feature_sets  = ["EC2_essential"]
}
