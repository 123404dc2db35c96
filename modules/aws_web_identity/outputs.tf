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

output "oidc_provider_arn" {
  description = "ARN of the IAM OIDC provider, for more connections in this account."
  value       = data.dynatrace_aws_trust.this.oidc_provider_arn
}

output "audience" {
  description = "Audience that Dynatrace presents to AWS."
  value       = data.dynatrace_aws_trust.presented.audience
}

output "subject" {
  description = "Subject that Dynatrace presents to AWS."
  value       = data.dynatrace_aws_trust.presented.subject
}
