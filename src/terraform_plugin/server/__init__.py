"""The process that Terraform starts: the gRPC server, TLS in both directions, and the end of the process."""

import sys

# msgspec imports typing_extensions where that is installed, for what Python has itself since 3.11: 3 % of a start. With
# None in its place, the import fails as if it was not installed (Python's documentation of `sys.modules`).
if "typing_extensions" not in sys.modules:
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]
