# Import by the name of the connection or by its ID (vu9U3hXa3q0AAAAB...).
import {
  to = dynatrace_aws_connection.test-aws-connection
  id = "AWS connection name"
}
