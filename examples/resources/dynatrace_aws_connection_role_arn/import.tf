import {
  to = dynatrace_aws_connection_role_arn.example
  id = "vu9U3hXa3q0AAAABADJidWlsdGluOmh5cGVyc2NhbGVy"
}
