"""The one way in which commands write to a person: a terminal, a file or a pipe."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import TextIO

from terraform_plugin.diagnostics import Error, readable
from terraform_plugin.masking import masked


class Output(io.TextIOBase):
    """A stream that is safe to write anything to.

    - Secrets are masked, also where a server repeats a credential in its response.
    - Characters that control a terminal are written as escapes: names and messages come from elsewhere.
    - A character that the stream cannot encode is written as an escape.
    - A reader that has gone (`| head -1`) is not an error: the rest is dropped, and the command ends with the exit
      status that it would have had.
    - Any other failure to write, such as a full disk, is an `Error` if the text is what the command was called for.
    """

    def __init__(self, stream: TextIO | None, *, styled: bool = False, required: bool = True) -> None:
        """Write to `stream`; None (a closed descriptor) drops everything.

        `styled`: the text may control the terminal, because rich has written it and has escaped what is in it.
        `required`: what cannot be written is an error. Progress and error messages are dropped instead.
        """
        super().__init__()
        self._stream = stream
        self._styled = styled
        self._required = required

    @property
    def encoding(self) -> str:  # type: ignore[override]  # rich asks for it; the base class declares a variable
        return (self._stream and self._stream.encoding) or "utf-8"

    def styled(self) -> Output:
        """Return an output to the same stream for text that rich writes."""
        return Output(self._stream, styled=True, required=self._required)

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._stream is None:
            return len(text)
        shown = masked(text) if self._styled else readable(masked(text))
        encoding = self.encoding
        try:
            # Flushed at once: otherwise a reader that has gone would be noticed only when Python ends.
            self._stream.write(shown.encode(encoding, "backslashreplace").decode(encoding))
            self._stream.flush()
        except BrokenPipeError:
            self._drop()
        except OSError as failure:
            self._drop()
            if self._required:
                raise Error(
                    "Cannot write the output", f"Tried to write to standard output. {failure.strerror or failure}."
                ) from failure
        return len(text)

    def _drop(self) -> None:
        """Send what is still in the stream's buffer to the null device, so that Python does not fail at its end."""
        stream, self._stream = self._stream, None
        with suppress(OSError, ValueError):  # a stream without a descriptor has nothing to send
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, stream.fileno() if stream else -1)
            os.close(null)


@contextmanager
def standard_streams() -> Iterator[tuple[Output, Output]]:
    """Let everything in the block that writes to stdout and stderr write to an `Output`, argparse for example."""
    output, errors = Output(sys.stdout), Output(sys.stderr, required=False)
    with redirect_stdout(output), redirect_stderr(errors):
        yield output, errors


@contextmanager
def logging_to(name: str, handler: logging.Handler, level: int) -> Iterator[None]:
    """Send the log records of package `name` of at least `level` to a handler for as long as the block lasts."""
    logger = logging.getLogger(name)
    before = logger.level, logger.propagate
    handler.setLevel(level)
    logger.addHandler(handler)
    logger.setLevel(min(level, logger.level or level))
    logger.propagate = False  # Python itself would print warnings and errors that no other handler takes
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before
