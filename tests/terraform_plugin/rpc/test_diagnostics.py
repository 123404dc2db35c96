"""Diagnostics and exceptions as the messages that Terraform shows."""

from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.diagnostics import Error, Key, Path
from terraform_plugin.log import mask
from terraform_plugin.rpc.diagnostics import diagnostic_message, errors_in, shown
from tests.terraform_plugin.profiles import costly

failures: st.SearchStrategy[Exception] = st.recursive(
    st.text().map(Error) | st.text().map(ValueError),
    lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda errors: ExceptionGroup("", errors)),
    max_leaves=6,
)


def test_what_cannot_be_said_in_utf_8_is_replaced() -> None:
    """A message that cannot be sent would hide the failure, and lose what is in the reply."""
    message = diagnostic_message(Error("a\ud800", "b\udfff", Path("c\ud800", Key("d\ud800"), 1)).diagnostic())
    assert (message.summary, message.detail) == ("a?", "b?")
    assert [step.WhichOneof("selector") for step in message.attribute.steps] == [
        "attribute_name", "element_key_string", "element_key_int",
    ]  # fmt: skip


def test_nothing_in_a_message_steers_the_terminal() -> None:
    """A name may hold escape sequences, or turn the order of letters around; lines stay lines."""
    message = diagnostic_message(Error("No \x1b[2Jscreen", "\u202egnorw\r\n\tfine: é 接続").diagnostic())
    assert message.summary == "No \\u001b[2Jscreen"
    assert message.detail == "\\u202egnorw\\u000d\n\tfine: é 接続"


def test_a_secret_is_masked_wherever_it_is_said() -> None:
    """In summaries, details and the errors of functions."""
    mask("a-token-nobody-may-see")
    message = diagnostic_message(Error("No a-token-nobody-may-see", "a-token-nobody-may-see").diagnostic())
    assert "nobody" not in message.summary + message.detail + shown("a-token-nobody-may-see")


@costly
@given(failures)
def test_any_failure_is_at_least_one_error_that_can_be_sent(failure: Exception) -> None:
    """Groups in groups, any text."""
    messages = [diagnostic_message(error.diagnostic()) for error in errors_in(failure, "thing: read")]
    assert messages
    assert all(message.severity == pb.Diagnostic.ERROR and message.ByteSize() for message in messages)
