resource "dynatrace_aws_connection" "example" {
  name = "Production account"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

# dt:connection-id/vu9U3hXa3q0AAAAB...
output "subject" {
  value = provider::dynatrace::aws_subject(dynatrace_aws_connection.example.id)
}
