module "production" {
  source = "../../../modules/aws_monitored_account"

  name         = "production"
  regions      = ["us-east-1", "eu-central-1"]
  feature_sets = ["EC2_essential", "RDS_essential"]

  policy_arns = {
    read_only = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  }

  policy_documents = {
    own = jsonencode({
      Version = "2012-10-17"
      Statement = [
        { Effect = "Allow", Action = "cloudwatch:GetMetricData", Resource = "*" },
        { Effect = "Allow", Action = "ec2:Describe*", Resource = "*" },
      ]
    })
  }
}
