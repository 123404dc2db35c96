"""Diagnostics and exceptions as the messages that Terraform shows."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.diagnostics import Diagnostic, Error, Key, Path, Severity, readable
from terraform_plugin.masking import mask
from terraform_plugin.rpc.diagnostics import MOST_DIAGNOSTICS, diagnostic_messages, errors_in
from tests.terraform_plugin.profiles import costly

failures: st.SearchStrategy[Exception] = st.recursive(
    st.text().map(Error) | st.text().map(ValueError),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda errors: ExceptionGroup("", errors)),
    max_leaves=6,
)


def test_text_that_utf_8_cannot_encode_is_replaced() -> None:
    """A message that cannot be sent would hide the failure, and lose what is in the reply."""
    [message] = diagnostic_messages([Error("a\ud800", "b\udfff", Path("c\ud800", Key("d\ud800"), 1)).diagnostic()])
    assert (message.summary, message.detail) == ("a?", "b?")
    assert [step.WhichOneof("selector") for step in message.attribute.steps] == [
        "attribute_name", "element_key_string", "element_key_int",
    ]  # fmt: skip


def test_nothing_in_a_message_steers_the_terminal() -> None:
    """A name may hold escape sequences, or turn the order of letters around; lines stay lines."""
    [message] = diagnostic_messages([Error("No \x1b[2Jscreen", "\u202egnorw\r\n\tfine: é 接続").diagnostic()])
    assert message.summary == "No \\u001b[2Jscreen"
    assert message.detail == "\\u202egnorw\\u000d\n\tfine: é 接続"


def test_no_mark_of_direction_and_no_other_kind_of_line_is_left() -> None:
    """All of Unicode's Bidi_Control, control characters but tab and line break, and separators of lines."""
    marks = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    steering = {char for char in everything if unicodedata.category(char) in ("Cc", "Zl", "Zp")} - {"\t", "\n"}

    shown = set(readable(everything))

    assert not shown & steering
    assert not shown & set(marks)


def test_a_secret_is_masked_in_every_part_of_a_diagnostic() -> None:
    """In summaries and details."""
    mask("a-token-nobody-may-see")
    [message] = diagnostic_messages([Error("No a-token-nobody-may-see", "a-token-nobody-may-see").diagnostic()])
    assert "nobody" not in message.summary + message.detail


@costly
@given(failures)
def test_any_failure_is_at_least_one_error_that_can_be_sent(failure: Exception) -> None:
    """Groups in groups, any text."""
    messages = diagnostic_messages(error.diagnostic() for error in errors_in(failure, "thing", "ReadResource"))
    assert messages
    assert all(message.severity == pb.Diagnostic.ERROR and message.ByteSize() for message in messages)


def test_a_response_has_a_limited_number_of_diagnostics() -> None:
    """A broken server may cause a million: the first ones are shown, errors before warnings, the rest is counted."""
    warnings = [Diagnostic(Severity.WARNING, f"warning {number}") for number in range(1000)]
    errors = [Diagnostic(Severity.ERROR, f"error {number}") for number in range(MOST_DIAGNOSTICS)]
    messages = diagnostic_messages([*warnings, *errors])
    assert [message.summary for message in messages[: len(errors)]] == [error.summary for error in errors]
    assert [message.summary for message in messages[-2:]] == ["warning 98", "901 more warnings"]
    assert [message.severity for message in messages[-2:]] == [pb.Diagnostic.WARNING] * 2
    assert len(messages) == 2 * MOST_DIAGNOSTICS


def test_a_diagnostic_has_a_limited_length() -> None:
    """A hundred of them are below 2 MB. Terraform reads messages of up to 64 MB."""
    long = "ü" * 1_000_000
    messages = diagnostic_messages([Error(long, long, Path(long, Key(long), 1)).diagnostic()] * MOST_DIAGNOSTICS)
    assert sum(message.ByteSize() for message in messages) < 4_000_000
    assert "more characters" in messages[0].summary


class Broken(Exception):
    def __str__(self) -> str:
        raise ValueError


def test_an_exception_that_cannot_be_described_is_still_an_error() -> None:
    """Its text may raise, too."""
    [error] = errors_in(Broken(), "thing", "ReadResource")
    assert "Broken" in error.detail


def test_only_an_apply_records_a_state() -> None:
    """An error of any other RPC does not mention one."""
    details = [
        error.detail for rpc in ("ReadResource", "ApplyResourceChange") for error in errors_in(KeyError(), "a", rpc)
    ]
    assert ["The state contains" in detail for detail in details] == [False, True]
