"""The function `aws_subject`: the subject of a connection's web identity token."""

from __future__ import annotations

import re

from terraform_plugin import Error, Function, Parameter, String
from terraform_provider_dynatrace.aws.trust import subject

CONNECTION_ID = Parameter(
    "connection_id", String, "The ID of the connection: `dynatrace_aws_connection.NAME.id`, not its name."
)


class AwsSubject(Function):
    """Computes the subject from the connection's ID."""

    name = "aws_subject"
    summary = "The subject that Dynatrace presents to AWS for a connection"
    description = (
        "Returns the subject (`sub`) of the web identity token that Dynatrace presents to AWS for a connection. Use it "
        "in the condition on `token.dynatrace.com:sub` in the trust policy of a role."
    )
    parameters = (CONNECTION_ID,)
    returns = String

    def call(self, connection_id: str) -> str:
        """Return `dt:connection-id/…`. Raises `Error` for text that cannot be a settings object ID."""
        if not re.fullmatch(r"[A-Za-z0-9_=-]+", connection_id):
            raise Error(
                "Invalid connection ID",
                f'The connection ID must be that of a settings object, got "{connection_id[:120]}". Pass '
                "dynatrace_aws_connection.NAME.id, not the connection's name or a whole subject.",
                argument=0,
            )
        return subject(connection_id)
