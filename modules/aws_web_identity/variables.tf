variable "name" {
  description = "Name of the connection in Dynatrace: 3 to 100 characters, no colon, unique in the environment."
  type        = string
}

variable "consumer" {
  description = "Dynatrace integration that can use the connection, for example APP:dynatrace.aws.connector. Which ones an environment accepts depends on its version."
  type        = string
  default     = "APP:dynatrace.aws.connector"
}

variable "role_name" {
  description = "Name of the IAM role. To change it, also replace the connection, because Dynatrace does not allow a role ARN to be changed."
  type        = string
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

variable "permissions_boundary" {
  description = "ARN of the policy to use as the permissions boundary of the role."
  type        = string
  default     = null
}

variable "create_oidc_provider" {
  description = "Whether to create the IAM OIDC provider. An AWS account can have only one for each issuer: set this to false if it already exists, for example for another environment or another connection."
  type        = bool
  default     = true
}

variable "oidc_provider_arn" {
  description = "ARN of the existing OIDC provider, if create_oidc_provider is false. By default, it is looked up by the issuer of the environment."
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
