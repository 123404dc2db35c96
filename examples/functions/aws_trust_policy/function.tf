resource "dynatrace_aws_connection" "role_based" {
  name = "Role based"
  role_based_auth {
    consumers = ["SVC:com.dynatrace.da"]
  }
}

resource "aws_iam_role" "role_based" {
  name               = "role-based"
  assume_role_policy = provider::dynatrace::aws_trust_policy(dynatrace_aws_connection.role_based, "abc12345.apps.dynatrace.com", null)
}

resource "dynatrace_aws_connection" "web_identity" {
  name = "Web identity"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "aws_iam_role" "web_identity" {
  name = "web-identity"
  assume_role_policy = provider::dynatrace::aws_trust_policy(
    dynatrace_aws_connection.web_identity,
    "abc12345.apps.dynatrace.com",
    "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"
  )
}
