data "dynatrace_aws_monitoring_options" "all" {}

output "essential_feature_sets" {
  value = [
    for name in data.dynatrace_aws_monitoring_options.all.feature_sets : name if endswith(name, "_essential")
  ]
}
