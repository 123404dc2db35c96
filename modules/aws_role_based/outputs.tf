output "connection_id" {
  description = "The id of the connection. It has its role by the time this is known."
  value       = dynatrace_aws_connection_role_arn.this.id
}

output "role_arn" {
  description = "The ARN of the IAM role."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "The name of the IAM role, to attach further policies."
  value       = aws_iam_role.this.name
}

output "external_id" {
  description = "The external id that AWS sees."
  value       = data.dynatrace_aws_trust.this.external_id
}
