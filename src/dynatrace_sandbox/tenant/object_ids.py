"""Ids as Dynatrace gives them to settings objects: opaque, long, unique.

An id frames a format version and length-prefixed texts (schema, kind and name of the scope, UUID) with the same eight
bytes; all in URL-safe Base64 without padding. Observed in published Terraform states.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from uuid import uuid4

_FRAME = bytes.fromhex("beef54de15dadead")
_FORMAT = (1).to_bytes(4)


def new_object_id(schema_id: str) -> str:
    """Return a new id of an object of this schema at the scope `environment`."""
    parts = [schema_id, "tenant", "tenant", str(uuid4())]
    raw = _FRAME + _FORMAT + b"".join(map(_prefixed, parts)) + _FRAME
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _prefixed(part: str) -> bytes:
    return len(part).to_bytes(2) + part.encode()
