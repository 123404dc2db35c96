module "data_acquisition" {
  source = "../../../modules/aws_role_based"

  name      = "data acquisition"
  consumer  = "SVC:com.dynatrace.da"
  role_name = "dynatrace-data-acquisition"

  policy_arns = {
    read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  }
}
