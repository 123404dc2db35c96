list "dynatrace_aws_connection" "web_identity" {
  provider = dynatrace

  config {
    kind = "web_identity"
  }
}
