terraform {
  required_providers {
    dynatrace = {
      source = "terraform.local/dynatrace/dynatrace"
    }
  }
}

variable "environment_url" {
  description = "URL of the Dynatrace environment, such as https://abc12345.live.dynatrace.com"
  type        = string
}

variable "platform_token" {
  description = "Platform token with the scopes settings:objects:read and settings:objects:write"
  type        = string
  sensitive   = true
}

provider "dynatrace" {
  dt_env_url     = var.environment_url
  platform_token = var.platform_token
}

resource "dynatrace_aws_connection" "example" {
  name = "Account 123456789012"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}
