"""A certificate for the name localhost, signed with its own key, in DER.

It is written out here for one reason: importing cryptography's x509 and serialization takes longer than all the rest of
TLS, and Terraform starts a provider three times for each command. The key and its signature are cryptography's. Ed25519
is the kind of key whose first signature needs no further import: that of an ECDSA key takes 7 ms more.

Source: RFC 5280 (certificates), 8410 (Ed25519 in certificates); the contents are what Go's TLS client demands of a
server, and what go-plugin puts into its own.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_CLOCKS_DIFFER = 30  # seconds
_LIFETIME = 365 * 24 * 3600  # seconds

_BOOLEAN, _INTEGER, _BIT_STRING, _OCTET_STRING, _OBJECT = 0x01, 0x02, 0x03, 0x04, 0x06
_UTF8, _UTC_TIME, _SEQUENCE, _SET = 0x0C, 0x17, 0x30, 0x31
_VERSION, _EXTENSIONS, _DNS_NAME = 0xA0, 0xA3, 0x82


def self_signed(key: Ed25519PrivateKey) -> bytes:
    """Return a certificate for the key's public half: valid for a year, for servers and clients, a CA for itself."""
    now = time.time()
    body = _der(
        _SEQUENCE,
        _der(_VERSION, _der(_INTEGER, b"\x02")),  # version 3
        _der(_INTEGER, b"\x01" + os.urandom(15)),  # serial number
        _ED25519,
        _LOCALHOST,
        _der(_SEQUENCE, _utc_time(now - _CLOCKS_DIFFER), _utc_time(now + _LIFETIME)),
        _LOCALHOST,
        _der(_SEQUENCE, _ED25519, _der(_BIT_STRING, b"\0", key.public_key().public_bytes_raw())),
        _der(_EXTENSIONS, _der(_SEQUENCE, _ALTERNATIVE_NAME, _BASIC_CONSTRAINTS, _KEY_USAGE, _EXTENDED_KEY_USAGE)),
    )
    return _der(_SEQUENCE, body, _ED25519, _der(_BIT_STRING, b"\0", key.sign(body)))


def private_key(key: Ed25519PrivateKey) -> bytes:
    """Return the key itself in DER, in the form of PKCS #8, not encrypted."""
    secret = _der(_OCTET_STRING, key.private_bytes_raw())
    return _der(_SEQUENCE, _der(_INTEGER, b"\x00"), _ED25519, _der(_OCTET_STRING, secret))


def _der(tag: int, *contents: bytes) -> bytes:
    """Return one value: tag, length, contents."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _utc_time(seconds: float) -> bytes:
    """Return a time until 2049; later ones have another form. RFC 5280, section 4.1.2.5."""
    return _der(_UTC_TIME, time.strftime("%y%m%d%H%M%SZ", time.gmtime(seconds)).encode("ascii"))


def _object(hexadecimal: str) -> bytes:
    return _der(_OBJECT, bytes.fromhex(hexadecimal))


def _extension(identifier: str, value: bytes, *, critical: bool = False) -> bytes:
    flag = _der(_BOOLEAN, b"\xff") if critical else b""
    return _der(_SEQUENCE, _object(identifier), flag, _der(_OCTET_STRING, value))


_ED25519 = _der(_SEQUENCE, _object("2b6570"))
_LOCALHOST = _der(_SEQUENCE, _der(_SET, _der(_SEQUENCE, _object("550403"), _der(_UTF8, b"localhost"))))  # common name
_ALTERNATIVE_NAME = _extension("551d11", _der(_SEQUENCE, _der(_DNS_NAME, b"localhost")))
_BASIC_CONSTRAINTS = _extension("551d13", _der(_SEQUENCE, _der(_BOOLEAN, b"\xff")), critical=True)  # a CA
# digital signature, key encipherment, key agreement, certificate signing: bits 0, 2, 4, 5; the last two are not used
_KEY_USAGE = _extension("551d0f", _der(_BIT_STRING, b"\x02\xac"), critical=True)
_EXTENDED_KEY_USAGE = _extension(  # server and client authentication
    "551d25", _der(_SEQUENCE, _object("2b06010505070301"), _object("2b06010505070302"))
)
