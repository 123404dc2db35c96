output "monitoring_configuration_id" {
  description = "ID of the monitoring configuration."
  value       = dynatrace_aws_monitoring_configuration.this.id
}

output "connection_id" {
  description = "ID of the connection, available once its role ARN is set."
  value       = dynatrace_aws_connection_role_arn.this.id
}

output "account_id" {
  description = "ID of the AWS account."
  value       = data.aws_caller_identity.this.account_id
}

output "role_arn" {
  description = "ARN of the IAM role."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the IAM role, for attaching more policies."
  value       = aws_iam_role.this.name
}
