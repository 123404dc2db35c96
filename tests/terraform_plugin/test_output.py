"""What commands write to a person."""

from __future__ import annotations

import errno
import io
import os

import pytest

from terraform_plugin.diagnostics import Error
from terraform_plugin.masking import mask
from terraform_plugin.output import Output, standard_streams


def closed_pipe() -> io.TextIOWrapper:
    """Return a stream to a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "w", encoding="utf-8")


@pytest.mark.parametrize("styled", [False, True])
def test_secrets_are_masked(*, styled: bool) -> None:
    """A server may repeat a credential in its response, wherever that is shown."""
    mask("dt0c01.PUBLIC.OUTPUTSECRET")
    stream = io.StringIO()
    output = Output(stream).styled() if styled else Output(stream)

    output.write("request had Api-Token dt0c01.PUBLIC.OUTPUTSECRET\n")

    assert stream.getvalue() == "request had Api-Token (sensitive value)\n"


def test_control_characters_are_escaped_unless_rich_wrote_them() -> None:
    """Names come from the environment."""
    plain, styled = io.StringIO(), io.StringIO()

    Output(plain).write("a\x1b[2Jb\tc\n")
    Output(styled).styled().write("\x1b[1mbold\x1b[0m\n")

    assert plain.getvalue() == "a\\u001b[2Jb\tc\n"
    assert styled.getvalue() == "\x1b[1mbold\x1b[0m\n"


def test_a_character_that_the_stream_cannot_encode_is_escaped() -> None:
    """For example in a console with a Western European code page."""
    raw = io.BytesIO()
    output = Output(io.TextIOWrapper(raw, encoding="latin-1", newline="\n"))

    output.write("Zürich 接続 …\n")

    assert raw.getvalue() == "Zürich \\u63a5\\u7d9a \\u2026\n".encode("latin-1")


def test_a_closed_pipe_is_not_an_error() -> None:
    """`| head -1` ends early. Nothing is left in a buffer that would fail when Python ends."""
    with closed_pipe() as stream:
        output = Output(stream)
        for _ in range(3):
            assert output.write("line\n") == 5


class FullDisk(io.StringIO):
    """A file on a disk that has no space left."""

    def write(self, text: str) -> int:
        del text
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("styled", [False, True])
def test_a_full_disk_is_an_error_of_the_output(*, styled: bool) -> None:
    """It is reported once: nothing is left in a buffer that would fail when Python ends."""
    output = Output(FullDisk())
    shown = output.styled() if styled else output

    with pytest.raises(Error) as caught:
        shown.write("line\n")

    assert (caught.value.summary, caught.value.detail) == (
        "Cannot write the output",
        f"Tried to write to standard output. {os.strerror(errno.ENOSPC)}.",
    )
    assert shown.write("line\n") == 5


def test_messages_that_cannot_be_written_are_dropped() -> None:
    """They would hide the failure that they are about, and progress is not worth an error."""
    assert Output(FullDisk(), required=False).write("line\n") == 5


def test_a_closed_stdout_drops_everything() -> None:
    """Python has no stdout if the descriptor is closed at its start (`>&-`)."""
    assert Output(None).write("text") == 4
    assert not Output(None).isatty()


def test_everything_that_prints_goes_through_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Also what argparse and other libraries write to stdout and stderr themselves."""
    mask("dt0c01.PUBLIC.PRINTEDSECRET")

    with standard_streams():
        print("dt0c01.PUBLIC.PRINTEDSECRET")  # noqa: T201  # what a library may do

    assert capsys.readouterr().out == "(sensitive value)\n"
