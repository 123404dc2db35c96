# By its name, or by its object id (vu9U3hXa3q0AAAAB...).
import {
  to = dynatrace_aws_connection.test-aws-connection
  id = "AWS connection name"
}
