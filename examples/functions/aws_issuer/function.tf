# https://token.dynatrace.com
output "issuer" {
  value = provider::dynatrace::aws_issuer("abc12345.apps.dynatrace.com")
}
