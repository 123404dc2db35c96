output "connection_id" {
  description = "ID of the connection, available once its role ARN is set."
  value       = dynatrace_aws_connection_role_arn.this.id
}

output "role_arn" {
  description = "ARN of the IAM role."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the IAM role, for attaching more policies."
  value       = local.role_name
}

output "external_id" {
  description = "External ID that Dynatrace presents to AWS."
  value       = data.dynatrace_aws_trust.this.external_id
}
