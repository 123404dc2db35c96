"""Configurations that acceptance tests start from."""

AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"


def connection(name: str = "production", consumer: str = "APP:dynatrace.aws.connector", label: str = "this") -> str:
    """Return a web identity connection."""
    return f"""
resource "dynatrace_aws_connection" "{label}" {{
  name = "{name}"
  web_identity {{
    consumers = ["{consumer}"]
  }}
}}
"""


def role(name: str = "dynatrace", audience: str = AUDIENCE) -> str:
    """Return an OIDC provider and a role that trust the connection `this` with `audience`."""
    return f"""
locals {{
  issuer = aws_iam_openid_connect_provider.dynatrace.url
}}

resource "aws_iam_openid_connect_provider" "dynatrace" {{
  url            = "https://token.dynatrace.com"
  client_id_list = ["{audience}"]
}}

resource "aws_iam_role" "dynatrace" {{
  name = "{name}"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ Federated = aws_iam_openid_connect_provider.dynatrace.arn }}
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {{
        StringEquals = {{
          "${{local.issuer}}:sub" = "dt:connection-id/${{dynatrace_aws_connection.this.id}}"
          "${{local.issuer}}:aud" = "{audience}"
        }}
      }}
    }}]
  }})
}}
"""


def role_arn(arn: str = "aws_iam_role.dynatrace.arn", timeout: str = "") -> str:
    """Return the binding of the connection `this` to a role; `arn` is an expression."""
    timeouts = f'\n  timeouts {{\n    create = "{timeout}"\n  }}' if timeout else ""
    return f"""
resource "dynatrace_aws_connection_role_arn" "this" {{
  aws_connection_id = dynatrace_aws_connection.this.id
  role_arn          = {arn}{timeouts}
}}
"""


def permissions(body: str = "", object_id: str = "dynatrace_aws_connection.this.id") -> str:
    """Return the permissions of the connection `this`; `object_id` is an expression, `body` the rest."""
    return f"""
resource "dynatrace_settings_permissions" "this" {{
  settings_object_id = {object_id}
  {body}
}}
"""


def user(uid: str, access: str) -> str:
    """Return a user for inside a `users` block."""
    return f'user {{\n  uid = "{uid}"\n  access = "{access}"\n}}\n'


def group(id_: str, access: str) -> str:
    """Return a group for inside a `groups` block."""
    return f'group {{\n  id = "{id_}"\n  access = "{access}"\n}}\n'
