"""Ids as Dynatrace gives them to settings objects: opaque to callers, long, unique.

They are a frame (the same eight bytes first and last) around a format version and length-prefixed texts: schema,
scope kind, scope name, UUID; in URL-safe Base64 without padding. Read off ids in published Terraform states.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from uuid import uuid4

_FRAME = bytes.fromhex("beef54de15dadead")
_FORMAT = (1).to_bytes(4)


def new_object_id(schema_id: str) -> str:
    """Return a fresh id of an object of this schema at the scope `environment`."""
    parts = [schema_id, "tenant", "tenant", str(uuid4())]
    return _text(_FRAME + _FORMAT + b"".join(map(_prefixed, parts)) + _FRAME)


def _prefixed(part: str) -> bytes:
    return len(part).to_bytes(2) + part.encode()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
