output "monitoring_configuration_id" {
  description = "ID of the monitoring configuration."
  value       = dynatrace_aws_monitoring_configuration.this.id
}

output "connection_id" {
  description = "ID of the connection, available once its role ARN is set."
  value       = module.connection.connection_id
}

output "account_id" {
  description = "ID of the AWS account."
  value       = data.aws_caller_identity.this.account_id
}

output "role_arn" {
  description = "ARN of the IAM role."
  value       = module.connection.role_arn
}

output "role_name" {
  description = "Name of the IAM role, for attaching more policies."
  value       = module.connection.role_name
}
