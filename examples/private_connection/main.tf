# Creates a connection that only its owner and one group can use. This requires platform credentials (an OAuth client or
# a platform token), because objects that are created with an API token have no owner and are public.

terraform {
  required_providers {
    dynatrace = {
      source = "terraform.local/dynatrace/dynatrace"
    }
  }
}

provider "dynatrace" {
  # Use the platform credentials even if an API token is also set.
  oauth_preference = true
}

variable "team" {
  description = "UUID of the group that can use and change the connection"
  type        = string
}

resource "dynatrace_aws_connection" "private" {
  name = "AWS connection of one team"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "dynatrace_settings_permissions" "team" {
  settings_object_id = dynatrace_aws_connection.private.id

  groups {
    group {
      id     = var.team
      access = "write"
    }
  }
}
