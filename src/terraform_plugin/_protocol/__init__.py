"""The messages of the protocol, which proto/generate.py generates from proto/. Services are mappings of handlers."""

import sys
from types import ModuleType

from google.protobuf.internal import api_implementation

_IN_PYTHON = "google.protobuf.internal.python_message"

# protobuf always imports its implementation in Python, 7 % of a start's imports, and never uses it where there is the one
# in C (upb). While the messages are imported, an empty module stands in its place.
if api_implementation.Type() == "upb" and _IN_PYTHON not in sys.modules:
    sys.modules[_IN_PYTHON] = ModuleType(_IN_PYTHON)
    try:
        from terraform_plugin._protocol import go_plugin_pb2, health_pb2, tfplugin6_pb2  # noqa: F401
    finally:
        del sys.modules[_IN_PYTHON]
