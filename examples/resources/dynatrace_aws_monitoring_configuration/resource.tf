resource "dynatrace_aws_connection" "production" {
  name = "production"
  role_based_auth {
    consumers = ["SVC:com.dynatrace.da"]
  }
}

data "dynatrace_aws_trust" "production" {
  connection_id = dynatrace_aws_connection.production.id
}

resource "aws_iam_role" "dynatrace" {
  name               = "dynatrace-monitoring"
  assume_role_policy = data.dynatrace_aws_trust.production.policy
}

resource "dynatrace_aws_connection_role_arn" "production" {
  aws_connection_id = dynatrace_aws_connection.production.id
  role_arn          = aws_iam_role.dynatrace.arn
}

resource "dynatrace_aws_monitoring_configuration" "production" {
  name = "production"

  # The ID of the role ARN, not of the connection: Terraform then sets the role ARN first.
  connection_id = dynatrace_aws_connection_role_arn.production.id
  account_id    = "123456789012"

  regions      = ["us-east-1", "eu-central-1"]
  feature_sets = ["EC2_essential", "RDS_essential", "S3_essential"]

  tag_enrichment = ["owner", "cost-center"]

  tag_filter {
    key       = "environment"
    value     = "sandbox"
    condition = "EXCLUDE"
  }

  dt_label_enrichment {
    label   = "dt.security_context"
    literal = "my-app"
  }
}
