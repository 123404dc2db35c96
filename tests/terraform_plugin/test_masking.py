"""Secrets are not shown, however they are written; and text from elsewhere is made fit to be shown."""

import base64
import html
import json
import re
import textwrap
import time
from collections.abc import Callable
from email.quoprimime import body_encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.masking import LONGEST_TEXT, MASK, Secrets, mask, safe_text
from tests.terraform_plugin import profiles  # noqa: F401  # sets how many examples are tried

TOKEN = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX." + "0123456789ABCDEF" * 4
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----"
SECRETS = [TOKEN, 'abc/"ü+x y<&>', "plain-secret-0123456789", "ends in a space ", TOKEN.rpartition(".")[2]]


def masked(text: str, *secrets: str) -> str:
    hidden = Secrets()
    for secret in secrets:
        hidden.mask(secret)
    return hidden.masked(text)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _references(text: str, template: str) -> str:
    return "".join(char if char.isalnum() and char.isascii() else template.format(ord(char)) for char in text)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda secret: secret,
    "upper case": lambda secret: secret.upper(),
    "lower case": lambda secret: secret.lower(),
    "JSON": lambda secret: json.dumps({"token": secret}),
    "JSON in UTF-8": lambda secret: json.dumps({"token": secret}, ensure_ascii=False),
    "JSON, all escaped": lambda secret: _references(secret, "\\u{:04x}"),
    "JSON, all escaped in capitals": lambda secret: _references(secret, "\\u{:04X}"),
    "Python": lambda secret: repr({"token": secret}),
    "HTML": html.escape,
    "HTML, all escaped": lambda secret: _references(secret, "&#{};"),
    "HTML, all escaped in hexadecimal": lambda secret: _references(secret, "&#x{:x};"),
    "URL": lambda secret: f"https://example.invalid/?token={quote(secret, safe='')}&x=1",
    "URL in lower case": lambda secret: re.sub("%..", lambda code: code[0].lower(), quote(secret, safe="")),
    "URL, all escaped": lambda secret: quote(secret, safe="").replace(".", "%2E").replace("-", "%2D"),
    "form": lambda secret: f"token={quote_plus(secret)}&x=1",
    "hexadecimal": lambda secret: secret.encode().hex(),
    "hexadecimal in capitals": lambda secret: secret.encode().hex().upper(),
    "base64": lambda secret: f"Bearer {_base64(secret)}",
    "base64 of more": lambda secret: f"Basic {_base64(f'user:{secret}')}",
    "base64 of more, one byte on": lambda secret: f"Basic {_base64(f'users:{secret}:')}",
    "base64 of more, two bytes on": lambda secret: f"Basic {_base64(f'userss:{secret}::')}",
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "base64 in lines": lambda secret: base64.encodebytes(f"{'x' * 40}{secret}".encode()).decode(),
    "base64 in lines in JSON": lambda secret: json.dumps(base64.encodebytes(f"{'x' * 40}{secret}".encode()).decode()),
    "base64 twice": lambda secret: _base64(_base64(f"user:{secret}") + "x"),
    "indented lines": lambda secret: textwrap.indent(textwrap.fill(secret.replace(" ", ""), 10), "    "),
    "quoted-printable": lambda secret: body_encode("x" * 60 + secret.replace("ü", "u")),
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_masked_however_it_is_written(secret: str, spelling: str) -> None:
    """Only what is not secret is left: the public part of a token."""
    secret = secret.replace(" ", "").replace("ü", "u") if spelling in ("indented lines", "quoted-printable") else secret
    written = SPELLINGS[spelling](secret)
    text = masked(f"before {written} after", secret)
    assert MASK in text
    assert text.startswith("before ")
    assert text.endswith(" after")
    assert SPELLINGS[spelling](secret.strip().rpartition(".")[2]) not in text


@pytest.mark.parametrize("part", [TOKEN.rpartition(".")[2], "AQEFAASCBKcwggSjAgEAAoIB"])
def test_the_secret_part_of_a_secret_is_masked_alone(part: str) -> None:
    """The last part of a token, and a line of a key."""
    assert masked(f"got {part}.", TOKEN, PEM) == f"got {MASK}."


def test_what_is_not_secret_stays_readable() -> None:
    """A token's prefix and public part, and the first line of a key."""
    text = "dt0c01 ABCDEFGHIJKLMNOPQRSTUVWX -----BEGIN PRIVATE KEY-----"
    assert masked(text, TOKEN, PEM) == text


@pytest.mark.parametrize("secret", ["", " ", "\n", "e", "the", " the "])
def test_a_secret_of_less_than_4_characters_is_not_masked(secret: str) -> None:
    """It is part of many words, and an unset variable is empty."""
    assert masked("Refused the request.", secret) == "Refused the request."
    assert masked("Refused then.", "then") == f"Refused {MASK}."


def test_a_longer_secret_is_masked_as_a_whole() -> None:
    """One that begins like another leaves nothing behind, whichever was registered first."""
    assert masked("token-with-more, token", "token", "token-with-more") == f"{MASK}, {MASK}"
    assert masked("abcdef-ghi", "abcdef", "def-ghi") == MASK


def test_a_broken_server_costs_little_time() -> None:
    """16 MB of what is nearly a secret, of blanks, and of line breaks."""
    secrets = Secrets()
    secrets.mask(TOKEN)
    secrets.mask("0" * 64)
    started = time.process_time()
    for text in ("0" * 63 + "1", " ", "\n", "=\n ", "\\n", "a\n", TOKEN[:-1]):
        assert MASK not in secrets.excerpt(text * (16_000_000 // len(text)), LONGEST_TEXT)
    assert time.process_time() - started < 5


@given(st.text(), st.text(min_size=4), st.text())
def test_any_secret_in_any_text_is_masked(before: str, secret: str, after: str) -> None:
    """Whatever it is made of."""
    text = masked(f"{before}{secret}{after}", secret)
    assert len(secret.strip()) < 4 or MASK in text


def test_a_secret_is_masked_before_the_text_is_cut() -> None:
    """The part of a secret that is left would not be recognized."""
    mask(TOKEN)
    for cut in range(1, len(TOKEN)):
        text = safe_text("x" * (LONGEST_TEXT - cut) + TOKEN)
        assert "ABCDEF" not in text
        assert "0123" not in text


def test_a_secret_at_the_end_of_what_is_looked_at_is_not_shown() -> None:
    """Masked secrets are shorter, so what follows moves up; a part of the last one must not."""
    hidden = Secrets()
    hidden.mask(TOKEN)
    for size in range(1, len(TOKEN) + 20):
        text = hidden.excerpt((TOKEN + "-" * size) * 50, longest=500)
        assert "ABCDEF" not in text
        assert "0123" not in text


def test_a_long_text_is_cut_and_says_so() -> None:
    """A server may return megabytes."""
    assert safe_text("x" * 30, longest=10) == "xxxxxxxxxx... (20 more characters)"
    assert safe_text("x" * 10, longest=10) == "x" * 10


def test_what_a_terminal_would_act_on_is_written_out() -> None:
    """Escape sequences, marks that change the direction of text, and half characters; line breaks remain."""
    assert safe_text("a\x1b[2J\u202eb\r\n\tc\ud800") == "a\\u001b[2J\\u202eb\\u000d\n\tc?"
