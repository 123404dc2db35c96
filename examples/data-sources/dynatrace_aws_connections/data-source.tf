data "dynatrace_aws_connections" "accounts" {
  name_prefix = "Account "
}

output "ids" {
  value = { for connection in data.dynatrace_aws_connections.accounts.connections : connection.name => connection.id }
}
