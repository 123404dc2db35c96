# A connection that only its owner and one group can use. It takes platform credentials (an OAuth client or a platform
# token): what an API token creates belongs to nobody, and is public.

terraform {
  required_providers {
    dynatrace = {
      source = "terraform.local/dynatrace/dynatrace"
    }
  }
}

provider "dynatrace" {
  # If an API token is configured too, the connection is created with the platform credentials all the same.
  oauth_preference = true
}

variable "team" {
  description = "The UUID of the group that may use and change the connection"
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
