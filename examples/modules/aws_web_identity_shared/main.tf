# Connections in one AWS account share its OIDC provider. Its client IDs contain the audience of each connection.
resource "aws_iam_openid_connect_provider" "dynatrace" {
  url = "https://token.dynatrace.com"

  client_id_list = [
    "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector",
  ]
}

module "production" {
  source = "../../../modules/aws_web_identity"

  name                 = "production"
  role_name            = "dynatrace-production"
  create_oidc_provider = false
  oidc_provider_arn    = aws_iam_openid_connect_provider.dynatrace.arn
}

module "staging" {
  source = "../../../modules/aws_web_identity"

  name                 = "staging"
  role_name            = "dynatrace-staging"
  create_oidc_provider = false
  oidc_provider_arn    = aws_iam_openid_connect_provider.dynatrace.arn
}
