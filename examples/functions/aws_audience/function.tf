# abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector
output "audience" {
  value = provider::dynatrace::aws_audience("https://abc12345.live.dynatrace.com/", "APP:dynatrace.aws.connector")
}
