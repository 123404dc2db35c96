"""HPACK against the examples of RFC 7541, against a second implementation, and against what breaks the format."""

import hpack as second
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.grpc.hpack import Header, HeaderDecoder, HeaderListTooLargeError, HpackError, encode
from tests.terraform_plugin.profiles import costly

WIDE = 1 << 20

FIRST = [(b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/"), (b":authority", b"www.example.com")]
SECOND = [*FIRST, (b"cache-control", b"no-cache")]
THIRD = [
    (b":method", b"GET"),
    (b":scheme", b"https"),
    (b":path", b"/index.html"),
    (b":authority", b"www.example.com"),
    (b"custom-key", b"custom-value"),
]
MOVED = [
    (b":status", b"302"),
    (b"cache-control", b"private"),
    (b"date", b"Mon, 21 Oct 2013 20:13:21 GMT"),
    (b"location", b"https://www.example.com"),
]
MOVED_AGAIN = [(b":status", b"307"), *MOVED[1:]]
WITH_COOKIE = [
    (b":status", b"200"),
    (b"cache-control", b"private"),
    (b"date", b"Mon, 21 Oct 2013 20:13:22 GMT"),
    (b"location", b"https://www.example.com"),
    (b"content-encoding", b"gzip"),
    (b"set-cookie", b"foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"),
]

headers = st.lists(
    st.tuples(
        st.sampled_from([b":path", b"user-agent", b"content-type"]) | st.binary(min_size=1, max_size=20),
        st.binary(max_size=80),
    ),
    max_size=10,
)


@pytest.mark.parametrize(
    ("section", "blocks"),
    [
        ("C.2.1", [("400a637573746f6d2d6b65790d637573746f6d2d686561646572", [(b"custom-key", b"custom-header")])]),
        ("C.2.2", [("040c2f73616d706c652f70617468", [(b":path", b"/sample/path")])]),
        ("C.2.3", [("100870617373776f726406736563726574", [(b"password", b"secret")])]),
        ("C.2.4", [("82", [(b":method", b"GET")])]),
        (
            "C.3",
            [
                ("828684410f7777772e6578616d706c652e636f6d", FIRST),
                ("828684be58086e6f2d6361636865", SECOND),
                ("828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565", THIRD),
            ],
        ),
        (
            "C.4",
            [
                ("828684418cf1e3c2e5f23a6ba0ab90f4ff", FIRST),
                ("828684be5886a8eb10649cbf", SECOND),
                ("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", THIRD),
            ],
        ),
    ],
)
def test_requests_of_the_rfc_are_decoded(section: str, blocks: list[tuple[str, list[Header]]]) -> None:
    """The examples of appendix C: the blocks of one connection, one after the other."""
    decoder = HeaderDecoder(max_list_size=WIDE)
    for block, expected in blocks:
        assert decoder.decode(bytes.fromhex(block)) == expected, section


@pytest.mark.parametrize(
    ("section", "blocks"),
    [
        (
            "C.5",
            [
                (
                    (
                        "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54"
                        "6e1768747470733a2f2f7777772e6578616d706c652e636f6d"
                    ),
                    MOVED,
                ),
                ("4803333037c1c0bf", MOVED_AGAIN),
                (
                    (
                        "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d"
                        "4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273"
                        "696f6e3d31"
                    ),
                    WITH_COOKIE,
                ),
            ],
        ),
        (
            "C.6",
            [
                (
                    (
                        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8"
                        "e9ae82ae43d3"
                    ),
                    MOVED,
                ),
                ("4883640effc1c0bf", MOVED_AGAIN),
                (
                    (
                        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b"
                        "3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007"
                    ),
                    WITH_COOKIE,
                ),
            ],
        ),
    ],
)
def test_responses_of_the_rfc_evict_from_a_small_table(section: str, blocks: list[tuple[str, list[Header]]]) -> None:
    """The examples of appendix C with a table of 256 bytes."""
    decoder = HeaderDecoder(max_list_size=WIDE, table_size=256)
    for block, expected in blocks:
        assert decoder.decode(bytes.fromhex(block)) == expected, section


@costly
@given(st.lists(st.tuples(headers, st.booleans(), st.sampled_from([None, 0, 100, 4096])), max_size=6))
def test_what_another_implementation_encodes_is_decoded(
    blocks: list[tuple[list[Header], bool, int | None]],
) -> None:
    """With its dynamic table, with and without Huffman codes, and with changes of the table's size."""
    encoder, decoder = second.Encoder(), HeaderDecoder(max_list_size=WIDE)
    for block, huffman, table_size in blocks:
        if table_size is not None:
            encoder.header_table_size = table_size
        assert decoder.decode(encoder.encode(block, huffman=huffman)) == block


@costly
@given(headers)
def test_another_implementation_decodes_what_is_encoded(block: list[Header]) -> None:
    """It adds nothing to its table, so the same block means the same a second time."""
    decoder = second.Decoder()
    for _ in range(2):
        decoded = decoder.decode(encode(block), raw=True)
        assert [(bytes(name), bytes(value)) for name, value in decoded] == block


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("80", "an index outside both tables"),  # 6.1: index 0 is an error
        ("be", "an index outside both tables"),  # the dynamic table is empty
        ("7e", "an index outside both tables"),  # the same for a name
        ("c0ff", "an index outside both tables"),
        ("ff", "a block that ends inside an integer"),
        ("ffffffffffffffffff00", "an integer of too many bytes"),  # 5.1
        ("40", "a block that ends before a string"),
        ("4003", "a block that ends inside a string"),
        ("400161", "a block that ends before a string"),
        ("3fe21f", "a table of 4097 bytes"),  # 6.3: larger than the limit that was announced
        ("8220", "a table size update after a header"),  # 4.2
        ("0081ff0100", "invalid padding of a Huffman string"),  # 5.2: more than 7 bits of padding
        ("00018118", "a block that ends in"),
        ("0081030100", "invalid padding of a Huffman string"),  # 5.2: padding that is not all ones
        ("0084ffffffff0100", "EOS inside a string"),  # 5.2
    ],
)
def test_a_block_that_breaks_the_format_is_refused(block: str, reason: str) -> None:
    """Each refusal names the rule."""
    with pytest.raises(HpackError, match=reason):
        HeaderDecoder(max_list_size=WIDE).decode(bytes.fromhex(block))


def test_the_table_can_be_emptied_and_filled_again() -> None:
    """A size of 0 evicts everything; two updates in a row are allowed. RFC 7541, section 4.2."""
    decoder = HeaderDecoder(max_list_size=WIDE)
    decoder.decode(bytes.fromhex("40016101624001630164"))
    assert decoder.decode(bytes.fromhex("be")) == [(b"c", b"d")]
    assert decoder.decode(bytes.fromhex("203fe11f")) == []
    with pytest.raises(HpackError):
        decoder.decode(bytes.fromhex("be"))


def test_a_header_larger_than_the_table_empties_it() -> None:
    """It is not an error. RFC 7541, section 4.4."""
    decoder = HeaderDecoder(max_list_size=WIDE, table_size=64)
    decoder.decode(bytes.fromhex("4001610162"))
    assert decoder.decode(b"\x40\x01x\x3e" + b"y" * 62) == [(b"x", b"y" * 62)]
    with pytest.raises(HpackError):
        decoder.decode(bytes.fromhex("be"))


def test_a_list_that_is_too_long_is_refused_and_the_table_stays_right() -> None:
    """Later blocks refer to what an oversized block has put into the table."""
    decoder = HeaderDecoder(max_list_size=100)
    with pytest.raises(HeaderListTooLargeError):
        decoder.decode(bytes.fromhex("4001610162") * 5)
    assert decoder.decode(bytes.fromhex("be")) == [(b"a", b"b")]


@costly
@given(st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_are_headers_or_an_error(blocks: list[bytes]) -> None:
    """No list is longer than the limit."""
    decoder = HeaderDecoder(max_list_size=200)
    for block in blocks:
        try:
            decoded = decoder.decode(block)
        except (HpackError, HeaderListTooLargeError):
            continue
        assert sum(len(name) + len(value) + 32 for name, value in decoded) <= 200
