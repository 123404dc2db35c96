data "dynatrace_aws_trust" "by_name" {
  name = "Account 123456789012"
}

resource "aws_iam_role" "trusting" {
  name               = "dynatrace-role-based"
  assume_role_policy = data.dynatrace_aws_trust.by_name.policy
}

output "external_id" {
  value = data.dynatrace_aws_trust.by_name.external_id
}
