"""The HTTP interface of the sandbox: the Settings API, single sign-on, the token issuer and the control path."""
