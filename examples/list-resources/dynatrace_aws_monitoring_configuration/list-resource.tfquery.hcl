list "dynatrace_aws_monitoring_configuration" "disabled" {
  provider = dynatrace

  config {
    enabled = false
  }
}
