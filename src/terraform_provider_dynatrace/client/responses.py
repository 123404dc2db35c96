"""From what Dynatrace answered to values or errors: the one place where the server's failures are translated."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from terraform_provider_dynatrace.client.errors import (
    Conflict,
    DynatraceError,
    Forbidden,
    NotAuthenticated,
    NotFound,
    Rejected,
    ServerFault,
    Throttled,
    UnexpectedResponse,
    Violation,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

Access = Literal["read", "write", "admin"]
LONGEST_TEXT = 2000  # characters of the server's own words shown to a person


class Caller(Protocol):
    """Who asks, as messages name it: "API token", where it was given, the scope for each access, where it is made."""

    @property
    def kind(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def page(self) -> str: ...
    @property
    def scopes(self) -> Mapping[Access, str]: ...


class Call(Struct, frozen=True):
    """What was tried: method, host and path without query, and which access it needs."""

    method: str
    host: str
    path: str
    access: Access
    caller: Caller
    source: str = "the argument dt_env_url"
    """Where the URL of the environment is from."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Answer(Struct, frozen=True):
    """What came back; header names in lower case. `retry_after`: the seconds that the server asks to wait, if any."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    retry_after: float | None = None


def value(call: Call, answer: Answer) -> Any:
    """Return the decoded JSON of a successful answer, None for an empty one. Raises `DynatraceError` for any other."""
    if not 200 <= answer.status < 300:
        raise failure(call, answer)
    return _json(call, answer) if answer.body.strip() else None


def items(call: Call, answer: Answer, count: int) -> list[str | DynatraceError]:
    """Return, for each of `count` objects that were sent in one array, its object id ("" if none came) or its failure.

    Source: `POST /settings/objects`: an array of `{code, objectId?, error?}` with 200, 207 or 4xx; any other failure is
    one envelope for all. Raises `DynatraceError` where the whole request failed.
    """
    done = 200 <= answer.status < 300
    if not done and not (400 <= answer.status < 500 and answer.body.lstrip().startswith(b"[")):
        raise failure(call, answer)
    found = _json(call, answer)
    if not isinstance(found, list) or len(found) != count or not all(isinstance(item, dict) for item in found):
        raise UnexpectedResponse(*_no_array(call, answer), outcome_unknown=True)
    return [_item(call, answer.status, item) for item in found]


def _item(call: Call, status: int, item: dict[str, Any]) -> str | DynatraceError:
    code = item.get("code") if isinstance(item.get("code"), int) else status
    if isinstance(code, int) and 200 <= code < 300 and "error" not in item:
        return str(item.get("objectId") or "")
    return _of_status(call, code if isinstance(code, int) and code >= 400 else 400, item, None, None)


def failure(call: Call, answer: Answer) -> DynatraceError:
    """Return the error that an answer with a status other than 2xx means."""
    if answer.status < 400:
        return _redirect(call, answer)
    return _of_status(call, answer.status, parsed(answer.body), _page_title(answer), answer.retry_after)


def _of_status(call: Call, status: int, body: Any, title: str | None, retry_after: float | None) -> DynatraceError:
    """Translate a status with the server's words: an envelope, an item of an array, or no JSON at all."""
    said, violations = _words(body)
    came = f"{call} answered {status}{_phrase(status)}: {said or title or 'no explanation'}"
    kind, summary, advice = _meaning(call, status)
    if kind is Rejected:
        return Rejected(summary, _paragraphs(came, *map(str, violations)), violations=violations, status=status)
    detail = _paragraphs(came, *map(str, violations), advice)
    return kind(summary, detail, status=status, outcome_unknown=status >= 500, retry_after=retry_after)


def _meaning(call: Call, status: int) -> tuple[type[DynatraceError], str, str]:
    """Return error class, summary, and what to do next."""
    who = call.caller
    if status == 401:
        return NotAuthenticated, f"Dynatrace does not accept the {who.kind}", _not_accepted(call)
    if status == 403:
        return Forbidden, f"The {who.kind} may not {_VERBS[call.access]}", _lacking(call)
    if status == 404 and call.path.endswith(_COLLECTIONS):
        return NotFound, "No Settings API at this URL, or no such schema", _NO_API.format(source=call.source)
    if status == 404:
        return NotFound, "Dynatrace has no such object", _CHECK_ENVIRONMENT.format(host=call.host)
    if status == 409:
        return (
            Conflict,
            "The object is being changed by somebody else",
            "Run Terraform again: it reads what is there now.",
        )
    if status == 429:
        return Throttled, "Dynatrace has too much to do", _SLOWER
    if status >= 500 or status == 408:
        return ServerFault, "Dynatrace failed to answer", "The fault is on the server's side: try again a little later."
    return Rejected, "Dynatrace refuses the request", ""


_VERBS: dict[Access, str] = {"read": "read this", "write": "change this", "admin": "do this for other people's objects"}
_CHECK_ENVIRONMENT = "It may have been deleted, or {host} is not the environment that was meant (argument dt_env_url)."
_COLLECTIONS = ("/settings/objects", "/settings/schemas")
_NO_API = (  # source: docs/design/0008-sources.md#token-lookup has the form of a Managed environment's URL
    "The URL of the environment is from {source}. It must lead to a Dynatrace environment that has this schema. The "
    "URL of a Managed environment ends with /e/ and the environment ID."
)
_SLOWER = "Try again later, or ask for less at a time: terraform's -parallelism, the provider's max_concurrency."


def _not_accepted(call: Call) -> str:
    who = call.caller
    return (
        f"The {who.kind} from {who.source} is mistyped, expired or disabled, or belongs to another environment than "
        f"{call.host}. One with the scopes {who.scopes['read']} and {who.scopes['write']} is made at {who.page}."
    )


def _lacking(call: Call) -> str:
    who = call.caller
    return (
        f"The {who.kind} from {who.source} needs the scope {who.scopes[call.access]}, which is given at {who.page}. "
        f"If it has the scope, the object belongs to somebody else, who can share it, or the {who.kind} is for another "
        f"environment than {call.host}."
    )


def _redirect(call: Call, answer: Answer) -> UnexpectedResponse:
    # Only the host: the rest of such an address can hold tickets and session ids.
    target = _host(answer.headers.get("location", "")) or "another page"
    return UnexpectedResponse(
        "Dynatrace answered with a redirect",
        f"{call} answered {answer.status}{_phrase(answer.status)} to {target}. Redirects are not followed, so that "
        f"credentials stay with {call.host}. Such an answer usually comes from a login page or a proxy: check the "
        "environment URL (argument dt_env_url).",
        status=answer.status,
    )


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # brackets that hold no address
        return None


def _json(call: Call, answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        title = _page_title(answer)
        what = title or ("JSON that breaks off or is malformed" if answer.body[:1] in (b"{", b"[") else "no JSON")
        raise UnexpectedResponse(
            "Dynatrace's answer is no JSON",
            f"{call} answered {answer.status} with {what}. If {call.host} is the right environment (argument "
            "dt_env_url), a proxy between here and Dynatrace may have changed the answer.",
            status=answer.status,
            transient=title is None,
            outcome_unknown=True,
        ) from None


def _no_array(call: Call, answer: Answer) -> tuple[str, str]:
    return (
        "Dynatrace's answer has an unknown form",
        f"{call} answered {answer.status} without the documented list of results. Is {call.host} the right host?",
    )


def parsed(body: bytes) -> Any:
    """Return the JSON in a body, None where it is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _words(body: Any) -> tuple[str, list[Violation]]:
    """Return the server's message and violations from either error form."""
    if isinstance(body, list) and body:
        body = body[0]
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", []
    found = error.get("constraintViolations")
    violations = [
        Violation(_IN_ARRAY.sub("", text(item.get("path"))), text(item.get("message")))
        for item in (found if isinstance(found, list) else [])
        if isinstance(item, dict)
    ]
    return text(error.get("message")), violations


# Validators name the element of the array: builtin:hyperscaler-authentication.connections.aws/0/name is name.
_IN_ARRAY = re.compile(r"^[a-z]+:[^/]+/\d+(?:/|$)")


def text(found: Any) -> str:
    """Return the server's words fit for a terminal: no control characters, not endless."""
    words = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", " ", found) if isinstance(found, str) else ""
    return words if len(words) <= LONGEST_TEXT else words[:LONGEST_TEXT] + " …"


def _page_title(answer: Answer) -> str | None:
    head = answer.body[:4000].decode("utf-8", "replace")
    if "html" not in answer.headers.get("content-type", "") and not re.match(
        r"\s*<(!doctype|html)", head, re.IGNORECASE
    ):
        return None
    title = re.search(r"<title[^>]*>([^<]*)", head, re.IGNORECASE)
    return f'an HTML page titled "{text(title[1]).strip()}"' if title else "an HTML page"


def _phrase(status: int) -> str:
    return f" ({HTTPStatus(status).phrase})" if status in HTTPStatus._value2member_map_ else ""


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
