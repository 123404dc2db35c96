"""What reaches moto's services, and for which account."""

import io
from typing import Any
from urllib.parse import urlencode

import pytest

from dynatrace_sandbox.aws.gate import ACCOUNT, MOST_ACCOUNTS, Accounts, Gate

SIGNED = "AWS4-HMAC-SHA256 Credential={key}/20250101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=x"


def served(body: bytes, **headers: str) -> list[tuple[str, str | None]]:
    """Return the service and the account that one request reaches."""
    reached: list[tuple[str, str | None]] = []

    def service(name: str) -> Any:
        def serve(environ: Any, _start_response: Any) -> list[bytes]:
            reached.append((name, environ.get("HTTP_X_MOTO_ACCOUNT_ID")))
            return []

        return serve

    gate = Gate({name: service(name) for name in ("iam", "sts")}, Accounts())
    environ = {"HTTP_HOST": "127.0.0.1", "REQUEST_METHOD": "POST", "PATH_INFO": "/"} | headers
    gate(environ | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}, lambda *_: None)
    return reached


@pytest.mark.parametrize(
    ("body", "reached"),
    [
        (urlencode({"Action": "AssumeRoleWithWebIdentity"}).encode(), [("sts", None)]),
        (urlencode({"Action": "AssumeRole"}).encode(), []),
        (b"Action=AssumeRoleWithSAML&Action=x", []),
        (b"\xff", []),
    ],
)
def test_an_unsigned_request_is_for_sts(body: bytes, reached: list[tuple[str, str | None]]) -> None:
    """`AssumeRoleWithWebIdentity` takes no signature. Source: docs/design/0008-sources.md#iam-api."""
    assert served(body) == reached


@pytest.mark.parametrize(
    ("key", "account"),
    [("222222222222", "222222222222"), ("22222222222", None), ("AKIAIOSFODNN7EXAMPLE", None), ("x", None)],
)
@pytest.mark.parametrize("service", ["iam", "sts"])
def test_12_digits_are_an_account(key: str, account: str | None, service: str) -> None:
    """Of every other key moto knows the account; a header from outside names none."""
    authorization = SIGNED.format(key=key, service=service)
    headers = {"HTTP_AUTHORIZATION": authorization, "HTTP_X_MOTO_ACCOUNT_ID": "333333333333"}

    assert served(b"Action=x", **headers) == [(service, account)]


def test_accounts_exist_from_their_first_request_until_a_reset() -> None:
    """Those that exist stay when there is no room for more."""
    accounts = Accounts()
    admitted = [accounts.admit(f"{number:012}") for number in range(MOST_ACCOUNTS)]

    assert admitted == [True] * (MOST_ACCOUNTS - 1) + [False]
    assert (accounts.admit(ACCOUNT), accounts.admit("000000000000"), len(accounts.ids())) == (True, True, MOST_ACCOUNTS)
    accounts.reset()
    assert accounts.ids() == [ACCOUNT]
