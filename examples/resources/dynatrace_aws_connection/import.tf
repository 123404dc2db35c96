import {
  to = dynatrace_aws_connection.test-aws-connection
  id = "vu9U3hXa3q0AAAABADJidWlsdGluOmh5cGVyc2NhbGVy"
}
