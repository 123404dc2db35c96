# Two connections in one AWS account share its OIDC provider. Its client IDs contain the audience of each connection.
resource "aws_iam_openid_connect_provider" "dynatrace" {
  url = "https://token.dynatrace.com"

  client_id_list = [
    "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector",
    "abc12345.apps.dynatrace.com/app-id/dynatrace.biz.carbon",
  ]
}

module "connector" {
  source = "../../../modules/aws_web_identity"

  name                 = "connector"
  role_name            = "dynatrace-connector"
  create_oidc_provider = false
  oidc_provider_arn    = aws_iam_openid_connect_provider.dynatrace.arn
}

module "carbon" {
  source = "../../../modules/aws_web_identity"

  name                 = "carbon"
  consumer             = "APP:dynatrace.biz.carbon"
  role_name            = "dynatrace-carbon"
  create_oidc_provider = false
  oidc_provider_arn    = aws_iam_openid_connect_provider.dynatrace.arn
}
