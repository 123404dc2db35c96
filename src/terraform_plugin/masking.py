"""Secrets and text from elsewhere, made fit to leave the process: for a person, a log or a file.

Everything that is shown or written goes through `safe_text`, or through `masked` where the length does not matter.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate

from terraform_plugin.diagnostics import readable

MASK = "(sensitive value)"
LONGEST_TEXT = 10_000
"""Characters of a text that are shown."""

_SHORTEST_SECRET = 4
"""A shorter one is part of many words: masking it would make every message unreadable and protect nothing."""
_SHORTEST_PART = 16
_SHORTEST_BASE64 = 8
"""Fewer characters of base64 may be part of any text."""
_LINE_BREAKS = re.compile(r"(?:=?(?:\r?\n|\\r\\n|\\n)[ \t]*)+")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}


class Secrets:
    """The secrets of a process, in each form that they may be written in."""

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()
        self._longest = 0

    def mask(self, secret: str) -> None:
        """Hide `secret` from now on. One of less than 4 characters is not hidden."""
        self._forms = tuple({*self._forms, *_forms(secret.strip())})
        self._longest = max(map(len, self._forms), default=0)

    def masked(self, text: str) -> str:
        """Return `text` with "(sensitive value)" in place of each secret, also of one that is broken into lines."""
        return self._masked(text, len(text))

    def excerpt(self, text: str, longest: int) -> str:
        """Return the first `longest` characters of `text`, with its secrets masked, and how many are missing.

        A secret that is cut in two is no longer recognized, so the text is masked before it is cut.
        """
        if len(text) <= longest:
            return self.masked(text)
        # To mask megabytes for a few lines would take too long: only a secret that begins before the cut matters.
        margin = 2 * self._longest  # it may be broken into lines
        return f"{self._masked(text[: longest + margin], longest)}... ({len(text) - longest} more characters)"

    def _masked(self, text: str, end: int) -> str:
        """Return the first `end` characters of `text`, with "(sensitive value)" in place of each secret in `text`."""
        shown, position = [], 0
        if self._forms:
            for start, stop in _merged([*self._spans(text), *self._spans_in_lines(text)]):
                if start < end:
                    shown += [text[position:start], MASK]
                    position = stop
        return "".join([*shown, text[position:end]])

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        # One search for each form, instead of a regular expression of all of them: its compilation would take 0.1 to 2
        # seconds of a start, and each search 10 times as long.
        for form in self._forms:
            start = text.find(form)
            while start >= 0:
                yield start, start + len(form)
                start = text.find(form, start + len(form))

    def _spans_in_lines(self, text: str) -> Iterator[tuple[int, int]]:
        breaks = list(_LINE_BREAKS.finditer(text)) if "\n" in text or "\\n" in text else []
        if not breaks:
            return
        from bisect import bisect_left, bisect_right  # noqa: PLC0415  # not needed by a start

        # The text without its line breaks, and for each line where it begins in the text and in the joined lines.
        begins = [0, *(match.end() for match in breaks)]
        ends = [*(match.start() for match in breaks), len(text)]
        lengths = [stop - start for start, stop in zip(begins, ends, strict=True)]
        joined_begins = [0, *accumulate(lengths[:-1])]
        joined = "".join(text[start:stop] for start, stop in zip(begins, ends, strict=True))
        for start, stop in self._spans(joined):
            first, last = bisect_right(joined_begins, start) - 1, bisect_left(joined_begins, stop) - 1
            yield begins[first] + start - joined_begins[first], begins[last] + stop - joined_begins[last]


secrets = Secrets()
"""The secrets of this process."""
mask = secrets.mask
masked = secrets.masked
excerpt = secrets.excerpt


def safe_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return text as it may leave the process: without secrets, at most `longest` characters, and readable.

    Control characters, marks that change the direction of text, and half characters are written out.
    """
    return readable(excerpt(text, longest)).encode("utf-8", "replace").decode()


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in their order, with one in place of those that overlap."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _forms(secret: str) -> Iterator[str]:
    """Yield each form in which a secret may be written."""
    if len(secret) < _SHORTEST_SECRET:
        return
    parts = list(_parts(secret))
    for text in (secret, *parts):
        yield from _spellings(text)
    for text in parts or [secret]:  # an encoding of the whole secret contains those of its parts
        yield from _encodings(text.encode(errors="surrogatepass"))


def _parts(secret: str) -> Iterator[str]:
    """Yield the parts of a secret that are secret by themselves.

    The last part of a token that has parts with a point between them, such as a JSON Web Token, is what makes it valid:
    the parts before name it. A private key has several lines, and a message may quote one of them.
    """
    parts = [secret.rpartition(".")[2], *(line.strip() for line in secret.splitlines() if not line.startswith("-----"))]
    yield from (part for part in parts if len(part) >= _SHORTEST_PART)


def _spellings(secret: str) -> Iterator[str]:
    """Yield a secret as it is, in other case, and as JSON, Python, HTML and URLs would write it."""
    yield from (secret, secret.upper(), secret.lower())
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    for special in ("[^A-Za-z0-9_.~-]", "[^A-Za-z0-9]"):
        percent = _escaped(special, secret, _percent)
        yield from (percent, percent.replace("%20", "+"), re.sub("%..", lambda match: match[0].lower(), percent))
    yield _escaped("[&<>\"']", secret, lambda char: _HTML[char])
    for template in ("&#{:d};", "&#x{:x};", "&#x{:X};", "\\u{:04x}", "\\u{:04X}"):
        yield "".join(char if char.isascii() and char.isalnum() else template.format(ord(char)) for char in secret)


def _escaped(special: str, text: str, escape: Callable[[str], str]) -> str:
    return re.sub(special, lambda match: escape(match[0]), text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode(errors="surrogatepass"))


def _encodings(secret: bytes) -> Iterator[str]:
    """Yield a secret in hexadecimal, and in base64: alone, inside a longer text, and encoded twice."""
    yield from (secret.hex(), secret.hex().upper())
    for once in set(_base64(secret)):
        yield once
        yield from _base64(once.encode())


def _base64(data: bytes) -> Iterator[str]:
    """Yield what all base64 of a text that contains `data` has in common, for each position of `data` in the text."""
    for before in range(3):
        # base64 turns 3 bytes into 4 characters. The characters at both ends also depend on the bytes before and after
        # `data`, so they are left out: those of the `before` bytes, and those of an incomplete group at the end.
        padded = bytes(before) + data
        begin, end = (0, 2, 3)[before], len(padded) // 3 * 4 + (0, 1, 2)[len(padded) % 3]
        for encoded in (base64.b64encode(padded).decode(), base64.urlsafe_b64encode(padded).decode()):
            if len(common := encoded[begin:end]) >= _SHORTEST_BASE64:
                yield common
