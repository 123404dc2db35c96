# Import by the ID of the AWS account or by the ID of the configuration (vu9U3hXa3q0AAAAB...).
import {
  to = dynatrace_aws_monitoring_configuration.production
  id = "123456789012"
}
