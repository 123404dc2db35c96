"""The AWS credentials of the user, as boto3 finds them: sessions, clients, and codes for MFA."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

from terraform_plugin import Error
from terraform_plugin.masking import mask

NO_CREDENTIALS = "No AWS credentials to use"
_NO_TERMINAL = (
    "{profile} needs an MFA code, and there is no terminal in which it could be entered. Run this command in a "
    "terminal, or use credentials that need no code."
)
AT_A_TIME = {"iam": 4, "sts": 16}
"""Requests for one account at a time. How many IAM allows per second is not documented; it throttles what is more."""


class NewClient(Protocol):
    """Makes boto3 clients."""

    def __call__(self, service: str, region: str, **keys: str) -> Any:
        """Return a client for a service ("iam", "sts") in a region.

        `keys` are credentials to use instead of its own: `aws_access_key_id`, `aws_secret_access_key` and
        `aws_session_token`.
        """


class Boto3:
    """Makes clients with the credentials of a profile, or with those that boto3 finds by itself.

    They repeat a request that IAM throttled up to 7 times, and wait up to 20 seconds in between. Source:
    docs/design/0008-sources.md#boto3-retries.
    """

    _lock = Lock()
    """Sessions, other than clients, must not be used by two threads, and neither must the loader that they share."""
    _loader: Any = None
    """Reads the descriptions of AWS's services, which takes 0.3 seconds, once for all profiles."""

    def __init__(self, profile: str | None = None, ask: Callable[[str], str] | None = None) -> None:
        """`ask` shows a question in the terminal and returns what the user types; None if there is no terminal."""
        self._profile = profile
        self._ask = ask
        self._core: Any = None
        self._session: Any = None
        self._masked = ""
        self._failure: Exception | None = None

    def log_in(self) -> None:
        """Ask for the MFA code if the profile needs one. If that fails, the first use of the credentials raises why.

        boto3 itself asks in the thread of the first request (`botocore.credentials.AssumeRoleProvider`): for several
        profiles at once, while progress is shown, and even without a terminal, where it would wait for standard input.
        """
        try:
            session = self._core_session()
            if _needs_code(session):
                session.get_credentials().get_frozen_credentials()
        except Exception as failure:  # noqa: BLE001  # raised again, where it is translated
            self._failure = failure

    def _code(self, question: str) -> str:
        """Return the MFA code that the user types. `question` is boto3's, with the serial number of the device."""
        profile = f'The AWS profile "{_profile_of(self._core_session())}"'
        if self._ask is None:
            raise Error(NO_CREDENTIALS, _NO_TERMINAL.format(profile=profile))
        try:
            return self._ask(f"{profile} needs a code. {question}")
        except EOFError:
            raise Error(NO_CREDENTIALS, f"{profile} needs an MFA code, and none was entered.") from None

    def __call__(self, service: str, region: str, **keys: str) -> Any:
        """Return a client; see `NewClient`. Raises what boto3 raises, for example for an unknown profile."""
        from botocore.config import Config  # noqa: PLC0415  # an optional extra, and slow to import

        if self._failure:
            raise self._failure
        # STS is called first: three attempts are enough to notice that there is no network.
        retries = {"mode": "standard", "total_max_attempts": 8 if service == "iam" else 3}
        config = Config(retries=retries, connect_timeout=10, read_timeout=20, max_pool_connections=AT_A_TIME[service])
        with self._lock:
            self._session = self._session or self._new_session()
            client = self._session.client(service, region_name=region, config=config, **keys)
        client.meta.events.register("before-send", self._mask_secret_key)
        return client

    def _new_session(self) -> Any:
        from boto3.session import Session  # noqa: PLC0415  # an optional extra, and slow to import

        return Session(botocore_session=self._core_session())

    def _core_session(self) -> Any:
        """Return the session of botocore, which has the credentials; always the same."""
        from botocore.session import get_session  # noqa: PLC0415  # an optional extra, and slow to import

        if self._core is None:
            session = get_session()
            if self._profile is not None:  # otherwise AWS_PROFILE counts
                session.set_config_variable("profile", self._profile)
            Boto3._loader = Boto3._loader or session.get_component("data_loader")
            session.register_component("data_loader", Boto3._loader)
            session.register("before-send", _mask_token)
            roles = session.get_component("credential_provider").get_provider("assume-role")
            roles._prompter = self._code  # noqa: SLF001  # boto3 has no public way to set what asks for a code
            self._core = session
        return self._core

    def _mask_secret_key(self, **_: Any) -> None:
        """Mask the secret key that a request was signed with. That of a role or a login changes while we run."""
        credentials = self._session.get_credentials()
        secret_key = credentials and credentials.get_frozen_credentials().secret_key
        if secret_key and secret_key != self._masked:
            mask(secret_key)
            self._masked = secret_key


def _mask_token(request: Any, **_: Any) -> None:
    """Mask the session token of a request before it is sent: AWS repeats it in the error SignatureDoesNotMatch.

    boto3 also sends requests of its own with it, to assume the role of a profile.
    """
    if token := request.headers.get("X-Amz-Security-Token"):
        mask(token if isinstance(token, str) else token.decode())


def _profile_of(session: Any) -> str:
    return str(session.get_config_variable("profile") or "default")


def _needs_code(session: Any) -> bool:
    """Return whether a profile assumes a role with MFA, or takes its credentials from another profile that does."""
    profiles, name, seen = session.full_config["profiles"], _profile_of(session), set[str]()
    while name in profiles and name not in seen:
        seen.add(name)
        if {"role_arn", "mfa_serial"} <= profiles[name].keys():
            return True
        name = profiles[name].get("source_profile", "")
    return False
