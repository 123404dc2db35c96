"""From a response of Dynatrace's to a value or an error: the only place where the server's failures are translated."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from terraform_plugin.masking import excerpt
from terraform_provider_dynatrace.client.errors import (
    OUTAGE,
    Conflict,
    DynatraceError,
    Forbidden,
    NotAuthenticated,
    NotFound,
    Rejected,
    Retry,
    ServerFault,
    Throttled,
    UnexpectedResponse,
    Violation,
)
from terraform_provider_dynatrace.client.json import Json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from terraform_provider_dynatrace.client.auth import Credential

T = TypeVar("T")
Access = Literal["read", "write"]
MAX_TEXT = 2000
"""Characters of the server's own words that a person gets to see."""
MAX_VIOLATIONS = 20
"""Reasons for one refusal that a person gets to see."""


class Request(Struct, frozen=True):
    """What was sent, as messages name it."""

    method: str
    host: str
    """Host, and port if it is not the scheme's own."""
    path: str
    """Path without query."""
    access: Access
    """What it needs permission for."""
    credential: Credential
    """Who sent it."""
    url: str = "the environment URL (the argument dt_env_url)"
    """What its URL follows from, and where that is set."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Response(Struct, frozen=True):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names are in lower case."""
    body: bytes
    """Decompressed."""
    retry_after: float | None = None
    """Seconds that the server asks to wait, if it does."""


class _ErrorDetails(Struct, rename="camel", frozen=True):
    constraint_violations: list[Json] | None = None
    missing_scopes: list[str] | None = None


class _ServerError(Struct, rename="camel", frozen=True):
    """Source: docs/design/0008-sources.md#settings-api; #platform-settings-api for violations in `details`."""

    message: str | None = None
    constraint_violations: list[Json] | None = None
    details: _ErrorDetails | None = None


class _Failed(Struct, frozen=True):
    error: _ServerError | None = None


class _Violation(Struct, frozen=True):
    path: str | None = None
    message: str | None = None


class _Result(Struct, rename="camel", frozen=True):
    """The result of one element of an array. Source: docs/design/0008-sources.md#settings-api, `POST objects`."""

    code: int | None = None
    object_id: str | None = None
    error: Json = None


def value(request: Request, response: Response, into: type[T]) -> T:
    """Return the JSON of a successful response, decoded as `into`. Raises `DynatraceError` for any other response.

    `Json` as `into` takes any JSON, and None for an empty body.
    """
    if not 200 <= response.status < 300:
        raise failure(request, response)
    if not response.body.strip() and into is Json:
        return None  # type: ignore[return-value]  # Json is Any, of which None is one
    return _decoded(request, response, into)


def results(request: Request, response: Response, count: int) -> list[str | DynatraceError]:
    """Return, for each of `count` objects that were sent in one array, its object ID ("" if none came) or its error.

    The array comes with 200, 207 or 4xx; any other failure is one error for all. Raises `DynatraceError` where the
    whole request failed. Source: docs/design/0008-sources.md#settings-api, `POST objects`.
    """
    successful = 200 <= response.status < 300
    if not successful and not (400 <= response.status < 500 and response.body.lstrip().startswith(b"[")):
        raise failure(request, response)
    found = _decoded(request, response, list[Json])
    if len(found) != count:
        raise _unexpected(request, response, f"a list of {len(found)} results for {count} objects")
    return [_result(request, response, item) for item in found]


def _result(request: Request, response: Response, item: Json) -> str | DynatraceError:
    try:
        found = msgspec.convert(item, _Result)
    except msgspec.ValidationError as error:
        return _unexpected(request, response, f"a result in an unknown form: {error}")
    code = response.status if found.code is None else found.code
    if 200 <= code < 300 and found.error is None:
        return found.object_id or ""
    return _of_status(request, max(code, 400), item)


def failure(request: Request, response: Response) -> DynatraceError:
    """Return the error that a response with a status other than 2xx means."""
    if response.status < 400:
        return _redirect(request, response)
    title, after = _page_title(response), response.retry_after
    return _of_status(request, response.status, json_or_none(response.body), title=title, after=after)


def _of_status(
    request: Request, status: int, body: Json, *, title: str | None = None, after: float | None = None
) -> DynatraceError:
    """Translate a status with the server's words: an error object, a result of an array, or no JSON at all."""
    error = _server_error(body)
    words = masked_text(error.message)
    response = f"{request} returned {status}{_phrase(status)}: {words or title or 'no explanation'}"
    violations = list(_violations(error))
    listed = [str(violation) for violation in violations[:MAX_VIOLATIONS]]
    if len(violations) > MAX_VIOLATIONS:
        listed.append(f"… and {len(violations) - MAX_VIOLATIONS} more reasons")
    kind, summary, advice = _meaning(request, status, error)
    detail = "\n\n".join(part for part in (response, *listed, advice) if part)
    if kind is Rejected:
        shown = violations[:MAX_VIOLATIONS]
        return Rejected(summary, detail, violations=shown, response=response, status=status)
    # A proxy or a load balancer says so if the server behind it is away.
    retry = OUTAGE if status in (502, 503, 504) else kind.usual_retry
    if after is not None:
        retry = msgspec.structs.replace(retry, after=after)
    return kind(summary, detail, status=status, outcome_unknown=status >= 500, retry=retry)


def _meaning(request: Request, status: int, error: _ServerError) -> tuple[type[DynatraceError], str, str]:
    """Return error class, summary, and what to do next."""
    kind = request.credential.kind
    if status == 401:
        return NotAuthenticated, f"Dynatrace does not accept the {kind}", _credential_advice(request)
    if status == 403:
        scopes = error.details.missing_scopes if error.details else None
        return Forbidden, f"The {kind} is not allowed to {request.access} this", _scope_advice(request, scopes or [])
    if status == 404 and (request.path.endswith(_COLLECTIONS) or _SCHEMA in request.path):
        return NotFound, "No Settings API at this URL, or no such schema", _NO_API.format(url=request.url)
    if status == 404:
        return (
            NotFound,
            "Not found in Dynatrace",
            _NOT_FOUND.format(kind=kind, host=request.host, url=request.url),
        )
    if status == 409:
        return Conflict, "The object was changed by someone else", "Run Terraform again: it reads the object first."
    if status == 429:
        advice = "Try again later, or send fewer requests at a time: terraform -parallelism, or max_concurrency."
        return Throttled, "Dynatrace is rate-limiting requests (429)", advice
    if status >= 500 or status == 408:
        return ServerFault, "Dynatrace failed to process the request", "This is a fault of the server. Try again later."
    return Rejected, "Dynatrace rejected the request", ""


_COLLECTIONS = ("/settings/objects", "/settings/schemas")
_SCHEMA = "/settings/schemas/"
_NO_API = (  # source: docs/design/0008-sources.md#token-lookup has the form of a Managed environment's URL
    "Check {url}. It must lead to a Dynatrace environment that has this schema. The URL of a Managed environment ends "
    "with /e/ and the environment ID."
)
_NOT_FOUND = (
    "It may have been deleted, the {kind} may not be allowed to see it, or {host} is another environment than "
    "intended: check {url}."
)


def _credential_advice(request: Request) -> str:
    credential = request.credential
    return (
        f"The {credential.kind} from {credential.source} is mistyped, expired or disabled, lacks the scope "
        f"{credential.scopes[request.access]}, or belongs to another environment than {request.host}. Create one with "
        f"the scopes {credential.scopes['read']} and {credential.scopes['write']} at {credential.page}."
    )


def _scope_advice(request: Request, missing: list[str]) -> str:
    credential = request.credential
    scopes = ", ".join(map(masked_text, missing)) or credential.scopes[request.access]
    causes = [f"the {credential.kind} belongs to another environment than {request.host}"]
    if request.path.endswith(_COLLECTIONS):  # a create or a list, which is not about one object
        causes.insert(0, "its permission may be limited to other schemas")
    elif "/settings/objects/" in request.path:  # only settings objects have owners
        causes.insert(0, "the object is private to another owner, who can share it")
    return (
        f"The {credential.kind} from {credential.source} needs the scope {scopes}, which can be added at "
        f"{credential.page}. If it has the scope, {', or '.join(causes)}."
    )


def _redirect(request: Request, response: Response) -> UnexpectedResponse:
    # Only the host: the rest of such an address can hold tickets and session IDs.
    target = _host(response.headers.get("location", "")) or "another page"
    return UnexpectedResponse(
        "Unexpected redirect from Dynatrace",
        f"{request} returned {response.status}{_phrase(response.status)}, a redirect to {target}. Redirects are not "
        f"followed, so that credentials stay with {request.host}. They usually come from a login page or a proxy: "
        f"check {request.url}.",
        status=response.status,
    )


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # brackets without an address in them
        return None


def _decoded(request: Request, response: Response, into: type[T]) -> T:
    try:
        return msgspec.json.decode(response.body, type=into)
    except msgspec.ValidationError as error:
        raise _unexpected(request, response, f"JSON in an unknown form: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        title = _page_title(response)
        is_json = response.body[:1] in (b"{", b"[")
        malformed = "JSON that is cut off or malformed" if is_json else "text that is not JSON"
        raise UnexpectedResponse(
            "Dynatrace did not return JSON",
            f"{request} returned {response.status} with {title or malformed}. Check {request.url}. If it is right, a "
            "proxy between here and Dynatrace may have changed the response.",
            status=response.status,
            # A page stays a page. JSON that was cut off on its way may be complete the next time.
            retry=Retry(transient=title is None, seconds=10),
            outcome_unknown=True,
        ) from None


def _unexpected(request: Request, response: Response, what: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        "Unexpected response from Dynatrace",
        f"{request} returned {response.status} with {what}. Check {request.url}. If it is right, use a newer release "
        "of this provider, or report this.",
        status=response.status,
        outcome_unknown=request.method != "GET",
    )


def json_or_none(body: bytes) -> Json:
    """Return the JSON in a body, None if there is none."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _server_error(body: Json) -> _ServerError:
    """Return the error in a body of either form: an object, or the first element of an array."""
    if isinstance(body, list) and body:
        body = body[0]
    try:
        return msgspec.convert(body, _Failed).error or _ServerError()
    except msgspec.ValidationError:
        return _ServerError()


def _violations(error: _ServerError) -> Iterator[Violation]:
    """Yield the reasons for a refusal. One in an unknown form is left out; the rest still helps the user."""
    in_details = error.details.constraint_violations if error.details else None
    for item in error.constraint_violations or in_details or []:
        try:
            found = msgspec.convert(item, _Violation)
        except msgspec.ValidationError:
            continue
        yield Violation(_IN_ARRAY.sub("", masked_text(found.path)), masked_text(found.message))


# Validators name the element of the array: builtin:hyperscaler-authentication.connections.aws/0/name is name.
_IN_ARRAY = re.compile(r"^[a-z]+:[^/]+/\d+(?:/|$)")


def masked_text(words: str | None) -> str:
    """Return the server's words fit for a terminal: without secrets and control characters, and not endless."""
    # Masked first: half of a secret would not be recognised as one.
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", " ", excerpt(words or "", MAX_TEXT))


def _page_title(response: Response) -> str | None:
    head = response.body[:4000].decode("utf-8", "replace")
    if "html" not in response.headers.get("content-type", "") and not re.match(
        r"\s*<(!doctype|html)", head, re.IGNORECASE
    ):
        return None
    title = re.search(r"<title[^>]*>([^<]*)", head, re.IGNORECASE)
    return f'an HTML page titled "{masked_text(title[1]).strip()}"' if title else "an HTML page"


def _phrase(status: int) -> str:
    try:
        return f" ({HTTPStatus(status).phrase})"
    except ValueError:
        return ""
