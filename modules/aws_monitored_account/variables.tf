variable "name" {
  description = "Name of the connection and of the monitoring configuration in Dynatrace: 3 to 100 characters, no colon, unique in the environment."
  type        = string
}

variable "regions" {
  description = "AWS regions to monitor."
  type        = list(string)
}

variable "feature_sets" {
  description = "Feature sets to collect, such as EC2_essential. The data source dynatrace_aws_monitoring_options lists all of them."
  type        = set(string)
  default     = null
}

variable "enabled" {
  description = "Whether data is collected. Set to false to stop monitoring and keep the connection."
  type        = bool
  default     = true
}

variable "extension_version" {
  description = "Version of the extension com.dynatrace.extension.da-aws. Default: the active version."
  type        = string
  default     = null
}

variable "tag_filters" {
  description = "Monitor only resources with these tags (INCLUDE), or without them (EXCLUDE)."
  type = list(object({
    key       = string
    value     = string
    condition = optional(string, "INCLUDE")
  }))
  default = []
}

variable "tag_enrichment" {
  description = "Keys of AWS tags that are copied to what is monitored."
  type        = set(string)
  default     = null
}

variable "additional_json" {
  description = "JSON object with further properties of the monitoring configuration."
  type        = string
  default     = null
}

variable "role_name" {
  description = "Name of the IAM role. To change it, also replace the connection, because Dynatrace does not allow a role ARN to be changed."
  type        = string
  default     = "dynatrace-monitoring"
}

variable "role_path" {
  description = "Path of the IAM role. It begins and ends with a slash. To change it, also replace the connection."
  type        = string
  default     = "/"
}

variable "policy_arns" {
  description = "ARNs of the policies to attach to the role, by keys of your choice."
  type        = map(string)
  default     = {}
}

variable "policy_documents" {
  description = "JSON policy documents to attach to the role, by keys of your choice. A document that is too long for one managed policy is split between its statements."
  type        = map(string)
  default     = {}
}

variable "permissions_boundary" {
  description = "ARN of the policy to use as the permissions boundary of the role."
  type        = string
  default     = null
}

variable "create_timeout" {
  description = "How long to wait until Dynatrace can assume the role. AWS can take about 30 seconds to propagate a new role. Default: 2 minutes."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for the AWS resources."
  type        = map(string)
  default     = null
}
