"""The messages of the protocol, which proto/generate.py generates from proto/. Services are mappings of handlers."""

from types import ModuleType

from google.protobuf.internal import api_implementation

from terraform_plugin.hidden_modules import hide_module

_IN_PYTHON = "google.protobuf.internal.python_message"

# protobuf imports its implementation in Python (7 % of a start's imports) even if it only uses the one in C (upb).
if api_implementation.Type() == "upb":
    with hide_module(_IN_PYTHON, ModuleType(_IN_PYTHON)):
        from terraform_plugin._protocol import go_plugin_pb2, health_pb2, tfplugin6_pb2  # noqa: F401
