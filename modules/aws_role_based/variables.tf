variable "name" {
  description = "The connection's name in Dynatrace: 3 to 100 characters, no colon, unique in the environment."
  type        = string
}

variable "consumer" {
  description = "The Dynatrace integration that uses the connection, such as SVC:com.dynatrace.da (Data Acquisition)."
  type        = string
}

variable "role_name" {
  description = "The name of the IAM role. Another name replaces the connection: Dynatrace never changes its role."
  type        = string
}

variable "role_path" {
  description = "The path of the IAM role, between slashes."
  type        = string
  default     = "/"
}

variable "policy_arns" {
  description = "What the role may do: ARNs of policies to attach, by names of your choice."
  type        = map(string)
  default     = {}
}

variable "permissions_boundary" {
  description = "The ARN of the policy that limits what the role may do."
  type        = string
  default     = null
}

variable "create_timeout" {
  description = "How long to wait until AWS knows the new role everywhere."
  type        = string
  default     = "2m"
}

variable "tags" {
  description = "Tags of the AWS resources."
  type        = map(string)
  default     = {}
}
