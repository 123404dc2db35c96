module "production" {
  source = "../../../modules/aws_web_identity"

  name      = "production"
  role_name = "dynatrace-production"

  policy_arns = {
    read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  }
}
