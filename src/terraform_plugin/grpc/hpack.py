"""HPACK, the compression of HTTP/2's headers: a decoder, and an encoder that needs no state.

Source: RFC 7541. Headers are pairs of bytes, in the order in which they were sent.
"""

from __future__ import annotations

from collections import deque

Header = tuple[bytes, bytes]

ENTRY_OVERHEAD = 32
"""Bytes that each header counts on top of its name and value, in tables and in lists. RFC 7541, section 4.1."""
TABLE_SIZE = 4096
"""Bytes of the dynamic table unless a SETTINGS frame says otherwise. RFC 9113, section 6.5.2."""
NO_TABLE = b"\x20"
"""At the beginning of a header block: the dynamic table has 0 bytes from now on. RFC 7541, section 6.3."""

_LONGEST_INTEGER = 5  # bytes after the prefix: 2^35, more than any length or index that is allowed

# RFC 7541, appendix A. The first entry has index 1.
_STATIC_TABLE: list[Header] = [
    (b":authority", b""),
    (b":method", b"GET"),
    (b":method", b"POST"),
    (b":path", b"/"),
    (b":path", b"/index.html"),
    (b":scheme", b"http"),
    (b":scheme", b"https"),
    (b":status", b"200"),
    (b":status", b"204"),
    (b":status", b"206"),
    (b":status", b"304"),
    (b":status", b"400"),
    (b":status", b"404"),
    (b":status", b"500"),
    (b"accept-charset", b""),
    (b"accept-encoding", b"gzip, deflate"),
    *(
        (name, b"")
        for name in (
            *(b"accept-language", b"accept-ranges", b"accept", b"access-control-allow-origin", b"age", b"allow"),
            *(b"authorization", b"cache-control", b"content-disposition", b"content-encoding", b"content-language"),
            *(b"content-length", b"content-location", b"content-range", b"content-type", b"cookie", b"date", b"etag"),
            *(b"expect", b"expires", b"from", b"host", b"if-match", b"if-modified-since", b"if-none-match"),
            *(b"if-range", b"if-unmodified-since", b"last-modified", b"link", b"location", b"max-forwards"),
            *(b"proxy-authenticate", b"proxy-authorization", b"range", b"referer", b"refresh", b"retry-after"),
            *(b"server", b"set-cookie", b"strict-transport-security", b"transfer-encoding", b"user-agent", b"vary"),
            *(b"via", b"www-authenticate"),
        )
    ),
]

# RFC 7541, appendix B, as the bytes that have a code of each length. The code is canonical: codes of one length follow
# each other in the order of their bytes, so the lengths are all there is to know. 256 is the end of a string.
_HUFFMAN_BYTES_BY_LENGTH: dict[int, list[int]] = {
    5: [*b"012aceiost"],
    6: [*b" %-./3456789=A_bdfghlmnpru"],
    7: [*b":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"],
    8: [*b"&*,;XZ"],
    10: [*b'!"()?'],
    11: [*b"'+|"],
    12: [*b"#>"],
    13: [0, *b"$@[]~"],
    14: [*b"^}"],
    15: [*b"<`{"],
    19: [92, 195, 208],
    20: [128, 130, 131, 162, 184, 194, 224, 226],
    21: [153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230],
    22: [
        *(129, 132, 133, 134, 136, 146, 154, 156, 160, 163, 164, 169, 170),
        *(173, 178, 181, 185, 186, 187, 189, 190, 196, 198, 228, 232, 233),
    ],
    23: [
        *(1, 135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157),
        *(158, 165, 166, 168, 174, 175, 180, 182, 183, 188, 191, 197, 231, 239),
    ],
    24: [9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237],
    25: [199, 207, 234, 235],
    26: [192, 193, 200, 201, 202, 205, 210, 213, 218, 219, 238, 240, 242, 243, 255],
    27: [203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245, 246, 247, 248, 250, 251, 252, 253, 254],
    28: [
        *(2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19),
        *(20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127, 220, 249),
    ],
    30: [10, 13, 22, 256],
}
_END_OF_STRING = 256


def _huffman_codes() -> dict[int, int]:
    """Return the byte of each code. A code stands behind a 1, so that leading zeros count."""
    codes: dict[int, int] = {}
    code, length_before = 0, 0
    for length, symbols in _HUFFMAN_BYTES_BY_LENGTH.items():
        code <<= length - length_before
        length_before = length
        for symbol in symbols:
            codes[1 << length | code] = symbol
            code += 1
    return codes


_HUFFMAN_CODES = _huffman_codes()


class HpackError(Exception):
    """A block of headers that breaks RFC 7541. The connection cannot go on: its table is no longer known."""


class HeaderListTooLargeError(Exception):
    """A list of headers that is longer than this side accepts. The decoder's table is up to date nevertheless."""


class HeaderDecoder:
    """Decodes the header blocks of one connection, in the order in which they arrive.

    `max_list_size` is the size of a list in bytes, with 32 for each header, above which it is refused. RFC 9113,
    section 6.5.2, SETTINGS_MAX_HEADER_LIST_SIZE.
    """

    def __init__(self, *, max_list_size: int, table_size: int = TABLE_SIZE) -> None:
        self._max_list_size = max_list_size
        self._size_limit = table_size  # what we announced; the peer may choose less
        self._table_size = table_size
        self._table: deque[Header] = deque()  # the newest entry first
        self._used = 0

    def decode(self, block: bytes) -> list[Header]:
        """Return the headers of one block.

        Raises `HpackError` where the block breaks the format, and `HeaderListTooLargeError` where it is too long.
        """
        headers: list[Header] = []
        size = 0
        position = self._table_size_updates(block)
        while position < len(block):
            first = block[position]
            if first & 0x80:  # 6.1 an indexed header
                index, position = _integer(block, position, 7)
                header = self._entry(index)
            elif first & 0x40:  # 6.2.1 a literal that enters the table
                header, position = self._literal(block, position, 6)
                self._add(header)
            elif first & 0x20:
                raise HpackError("a table size update after a header")
            else:  # 6.2.2, 6.2.3 a literal that does not
                header, position = self._literal(block, position, 4)
            size += len(header[0]) + len(header[1]) + ENTRY_OVERHEAD
            if size <= self._max_list_size:
                headers.append(header)
        if size > self._max_list_size:
            raise HeaderListTooLargeError(f"{size} bytes of headers, {self._max_list_size} are accepted")
        return headers

    def _table_size_updates(self, block: bytes) -> int:
        """Apply the updates at the start of a block; return where its headers begin. RFC 7541, sections 4.2 and 6.3."""
        position = 0
        while position < len(block) and block[position] & 0xE0 == 0x20:
            size, position = _integer(block, position, 5)
            if size > self._size_limit:
                raise HpackError(f"a table of {size} bytes, {self._size_limit} are allowed")
            self._table_size = size
            self._evict(0)
        return position

    def _literal(self, block: bytes, position: int, prefix: int) -> tuple[Header, int]:
        index, position = _integer(block, position, prefix)
        if index:
            name = self._entry(index)[0]
        else:
            name, position = _string(block, position)
        value, position = _string(block, position)
        return (name, value), position

    def _entry(self, index: int) -> Header:
        """Return the header at an index: the static table, then the dynamic one. RFC 7541, section 2.3.3."""
        if 0 < index <= len(_STATIC_TABLE):
            return _STATIC_TABLE[index - 1]
        index -= len(_STATIC_TABLE) + 1
        if 0 <= index < len(self._table):
            return self._table[index]
        raise HpackError("an index outside both tables")

    def _add(self, header: Header) -> None:
        size = len(header[0]) + len(header[1]) + ENTRY_OVERHEAD
        self._evict(size)
        # An entry larger than the table empties it and is not an error. RFC 7541, section 4.4.
        if size <= self._table_size:
            self._table.appendleft(header)
            self._used += size

    def _evict(self, needed: int) -> None:
        while self._table and self._used + needed > self._table_size:
            name, value = self._table.pop()
            self._used -= len(name) + len(value) + ENTRY_OVERHEAD


def _integer(block: bytes, position: int, prefix: int) -> tuple[int, int]:
    """Return an integer and the position after it. RFC 7541, section 5.1."""
    try:
        mask = (1 << prefix) - 1
        value = block[position] & mask
        position += 1
        if value < mask:
            return value, position
        for shift in range(0, 7 * _LONGEST_INTEGER, 7):
            byte = block[position]
            position += 1
            value += (byte & 0x7F) << shift
            if byte < 0x80:
                return value, position
    except IndexError:
        raise HpackError("a block that ends inside an integer") from None
    raise HpackError("an integer of too many bytes")


def _string(block: bytes, position: int) -> tuple[bytes, int]:
    """Return a string and the position after it. RFC 7541, section 5.2."""
    if position >= len(block):
        raise HpackError("a block that ends before a string")
    is_huffman = block[position] & 0x80
    length, position = _integer(block, position, 7)
    encoded = block[position : position + length]
    if len(encoded) < length:
        raise HpackError("a block that ends inside a string")
    return (_decode_huffman(encoded) if is_huffman else encoded), position + length


def _decode_huffman(encoded: bytes) -> bytes:
    decoded = bytearray()
    code = 1
    for byte in encoded:
        for shift in range(7, -1, -1):
            code = code << 1 | byte >> shift & 1
            symbol = _HUFFMAN_CODES.get(code)
            if symbol is not None:
                if symbol == _END_OF_STRING:
                    raise HpackError("EOS inside a string")
                decoded.append(symbol)
                code = 1
    # The last byte is filled up with the first bits of the end of a string, which are ones: at most 7 of them.
    padding = code.bit_length() - 1
    if padding > 7 or code != (1 << padding + 1) - 1:
        raise HpackError("invalid padding of a Huffman string")
    return bytes(decoded)


def encode(headers: list[Header]) -> bytes:
    """Return a header block that leaves the peer's table as it is.

    A header of the static table is an index; anything else is sent in full: responses have a handful of short headers,
    which are encoded once. RFC 7541, sections 6.1 and 6.2.2.
    """
    block = bytearray()
    for name, value in headers:
        if (name, value) in _STATIC_INDEX:
            block += _encoded_integer(_STATIC_INDEX[name, value], 7, 0x80)
            continue
        index = _STATIC_NAME_INDEX.get(name, 0)
        block += _encoded_integer(index, 4, 0x00)
        if not index:
            block += _encoded_integer(len(name), 7, 0x00) + name
        block += _encoded_integer(len(value), 7, 0x00) + value
    return bytes(block)


def _encoded_integer(value: int, prefix: int, pattern: int) -> bytes:
    mask = (1 << prefix) - 1
    if value < mask:
        return bytes((pattern | value,))
    encoded = bytearray((pattern | mask,))
    value -= mask
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


_STATIC_INDEX = {header: index for index, header in enumerate(_STATIC_TABLE, 1) if header[1]}
_STATIC_NAME_INDEX = {name: index for index, (name, _) in reversed([*enumerate(_STATIC_TABLE, 1)])}
