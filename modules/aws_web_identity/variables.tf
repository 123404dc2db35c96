variable "name" {
  description = "The connection's name in Dynatrace: 3 to 100 characters, no colon, unique in the environment."
  type        = string
}

variable "consumer" {
  description = "The Dynatrace integration that uses the connection: APP:dynatrace.aws.connector or APP:dynatrace.biz.carbon."
  type        = string
  default     = "APP:dynatrace.aws.connector"
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

variable "create_oidc_provider" {
  description = "Whether to create the IAM OIDC provider. An AWS account has one for each issuer: set it to false where there is one already, for another tenant or another connection."
  type        = bool
  default     = true
}

variable "oidc_provider_arn" {
  description = "The ARN of the OIDC provider that exists, if create_oidc_provider is false. Without it, the one for the issuer of the tenant is looked up."
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
