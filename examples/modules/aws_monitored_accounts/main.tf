# Three AWS accounts: one provider alias and one module block for each.
variable "accounts" {
  description = "Keys for the accounts production, staging and development."
  type = map(object({
    access_key = string
    secret_key = string
  }))
  sensitive = true
}

provider "aws" {
  alias      = "production"
  region     = "us-east-1"
  access_key = var.accounts["production"].access_key
  secret_key = var.accounts["production"].secret_key
}

provider "aws" {
  alias      = "staging"
  region     = "us-east-1"
  access_key = var.accounts["staging"].access_key
  secret_key = var.accounts["staging"].secret_key
}

provider "aws" {
  alias      = "development"
  region     = "us-east-1"
  access_key = var.accounts["development"].access_key
  secret_key = var.accounts["development"].secret_key
}

locals {
  regions      = ["us-east-1", "eu-central-1"]
  feature_sets = ["EC2_essential", "RDS_essential", "S3_essential"]
}

module "production" {
  source    = "../../../modules/aws_monitored_account"
  providers = { aws = aws.production }

  name         = "production"
  regions      = local.regions
  feature_sets = local.feature_sets
}

module "staging" {
  source    = "../../../modules/aws_monitored_account"
  providers = { aws = aws.staging }

  name         = "staging"
  regions      = local.regions
  feature_sets = local.feature_sets
}

module "development" {
  source    = "../../../modules/aws_monitored_account"
  providers = { aws = aws.development }

  name         = "development"
  regions      = local.regions
  feature_sets = local.feature_sets
}
