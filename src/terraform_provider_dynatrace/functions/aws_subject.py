"""`aws_subject`: the subject of a connection's web identity token."""

from __future__ import annotations

import re

from terraform_plugin import Error, Function, Parameter, String
from terraform_provider_dynatrace.aws.trust import subject

CONNECTION_ID = Parameter(
    "connection_id", String, "The id of the connection: `dynatrace_aws_connection.NAME.id`. Not its name."
)


class AwsSubject(Function):
    """Pure."""

    name = "aws_subject"
    summary = "The subject that AWS sees for a connection"
    description = (
        "Returns what Dynatrace presents to AWS as the subject (`sub`) of a connection's web identity token, for the "
        "condition on `token.dynatrace.com:sub` in a role's trust policy."
    )
    parameters = (CONNECTION_ID,)
    returns = String

    def call(self, connection_id: str) -> str:
        """Return `dt:connection-id/…`. Raises `Error` for text that cannot be an object id."""
        if not re.fullmatch(r"[A-Za-z0-9_=-]+", connection_id):
            raise Error(
                "This is no connection id",
                f'"{connection_id}" has characters that an id of a settings object never has. Use the id of the '
                "connection, dynatrace_aws_connection.NAME.id: neither its name nor a whole subject.",
                argument=0,
            )
        return subject(connection_id)
