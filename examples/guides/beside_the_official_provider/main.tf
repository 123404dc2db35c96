terraform {
  required_providers {
    dynatrace = {
      source = "dynatrace-oss/dynatrace"
    }
    connections = {
      source = "terraform.local/dynatrace/dynatrace"
    }
  }
}

resource "dynatrace_aws_connection" "production" {
  provider = connections

  name = "production"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}
