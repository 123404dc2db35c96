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

output "oidc_provider_arn" {
  description = "The ARN of the IAM OIDC provider, for further connections in this account."
  value       = data.dynatrace_aws_trust.this.oidc_provider_arn
}

output "audience" {
  description = "The audience that AWS sees."
  value       = data.dynatrace_aws_trust.presented.audience
}

output "subject" {
  description = "The subject that AWS sees."
  value       = data.dynatrace_aws_trust.presented.subject
}
