data "dynatrace_aws_connection" "existing" {
  name = "Account 123456789012"
}

output "consumers" {
  value = data.dynatrace_aws_connection.existing.consumers
}
