"""The process that Terraform starts: the gRPC server, TLS in both directions, and the end of the process."""

from terraform_plugin.hidden_modules import hide_module

# msgspec imports typing_extensions, if it is installed, for features that Python 3.11 has itself: 3 % of a start.
with hide_module("typing_extensions"):
    import msgspec  # noqa: F401
