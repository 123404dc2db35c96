"""Whether and when a request is retried. This module decides; it neither waits nor sends.

The retry loops of this provider take their pauses from one `Backoff` each, all of them named here. Why the loop is
ours and not a library's: its pauses end when Terraform stops the provider, it shares what the server asks for with all
other requests, and it gives up at the operation's deadline with the last failure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC
from enum import Enum

from msgspec import Struct

from terraform_provider_dynatrace.client.errors import Conflict, DynatraceError, Throttled


class Backoff(Struct, frozen=True):
    """Pauses that grow."""

    first: float
    """The first pause, in seconds."""
    factor: float
    """How many times longer each pause is than the one before."""
    cap: float
    """The longest pause, in seconds."""

    def pause(self, retry: int) -> float:
        """Return the seconds to wait before a retry; `retry` counts from 0."""
        growth = math.log(self.cap / self.first, self.factor)
        return self.cap if retry >= growth else self.first * self.factor**retry


REQUESTS = Backoff(first=0.5, factor=2, cap=10)
"""Between two attempts at the same request, unless the server asks for another pause."""
EDITS = Backoff(first=0.2, factor=2, cap=5)
"""Between two attempts to change an object that others change at the same time."""
DELETIONS = Backoff(first=0.5, factor=2, cap=10)
"""While Dynatrace deletes a connection. Source: docs/design/0008-sources.md#monitoring-configuration."""
NEW_OBJECTS = Backoff(first=0.25, factor=2, cap=5)
"""While Dynatrace does not show an object that was just created."""
ROLE_PROPAGATION = Backoff(first=1, factor=1.5, cap=10)
"""While AWS does not know a new role everywhere. Source: docs/design/0008-sources.md#role-propagation."""


class Idempotency(Enum):
    """What happens if the server carries out the same request twice."""

    UNSAFE = "unsafe"
    """Something else than if it does so once: a POST. Retried only if the server cannot have carried it out."""
    IDEMPOTENT = "idempotent"
    """The same as once: GET, DELETE, a POST with an external ID, and a PUT, which conflicts the second time."""
    RETRIED_AFTER_CONFLICT = "retried after conflict"
    """The same as once, and a 409 means that others change the same object at this moment, not that it was changed."""


class Policy(Struct, frozen=True):
    """The limits of retries."""

    max_retries: int | None
    """How often a request is retried; None: for as long as `Retry.seconds` and the operation's time allow."""
    backoff: Backoff = REQUESTS
    max_throttled: int = 100
    """How often a request that the server refuses because of its rate is sent again. These are not counted as retries:
    the limit only ends what has no deadline."""
    without_deadline: float = 120.0
    """For how many seconds a request is retried, and the longest pause that a server can ask for, if the operation has
    no deadline."""

    def longest_pause(self, remaining: float) -> float:
        """Return the seconds that a pause may take; `remaining` are those that the operation has left."""
        return remaining if remaining < math.inf else self.without_deadline


def pause_after(  # noqa: PLR0913 -- what is known of the attempts so far; keywords only
    failure: DynatraceError,
    policy: Policy,
    *,
    idempotency: Idempotency,
    random: Callable[[], float],
    throttled: int = 0,
    elapsed: float = 0.0,
    remaining: float = math.inf,
) -> float | None:
    """Return the seconds to wait before the request is retried, or None to give up.

    `throttled` is how many of the attempts were refused because of their rate, which does not use up a retry.
    `elapsed` is how many seconds ago the first attempt that failed otherwise was sent. `remaining` are the seconds that
    the operation has left. A pause that is longer than `Policy.longest_pause` means to give up, too.

    A pause that the server asked for takes precedence, lengthened by up to a tenth so that not all callers come back at
    the same moment. Otherwise the pause grows with each attempt, shortened by up to a half by `random` (0 to 1).
    """
    if not _can_be_retried(failure, idempotency):
        return None
    retries, left = failure.attempts - 1, math.inf
    if isinstance(failure, Throttled):
        used_up = throttled > policy.max_throttled
    elif policy.max_retries is not None:
        used_up = retries - throttled >= policy.max_retries
    else:
        left = min(failure.retry.seconds, math.inf if remaining < math.inf else policy.without_deadline) - elapsed
        used_up = left <= 0
    if used_up:
        return None
    usual = min(policy.backoff.pause(retries) * (1 + random()) / 2, left)
    after = failure.retry.after
    if after is None:
        return usual
    if after < policy.backoff.first:  # a pause of nothing, from a clock that differs, would use up all attempts at once
        return max(after, usual)
    return min(after * (1 + random() / 10), max(after, policy.longest_pause(remaining)))


def _can_be_retried(failure: DynatraceError, idempotency: Idempotency) -> bool:
    if isinstance(failure, Conflict):
        return idempotency is Idempotency.RETRIED_AFTER_CONFLICT
    return failure.retry.transient and (idempotency is not Idempotency.UNSAFE or not failure.outcome_unknown)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return how many seconds the server asks to wait, or None if it does not say.

    `headers` have lower-case names, `now` is seconds since 1970. `Retry-After` holds seconds or an HTTP date. Source:
    docs/design/0008-sources.md#rfcs, 9110 10.2.3. `X-RateLimit-Reset` is a point in time in microseconds since 1970
    (#rate-limits). Other APIs send seconds to go, or a point in time in seconds or milliseconds: these are read, too.
    """
    after, reset = headers.get("retry-after"), headers.get("x-ratelimit-reset")
    if after is None and reset is None:
        return None
    # A moment is reckoned from the server's own clock, if it sends one: the clocks of two machines may differ.
    server_now = _moment(headers.get("date")) or now
    seconds = _number(after)
    if seconds is None and (moment := _moment(after)) is not None:
        seconds = moment - server_now
    if seconds is None:
        seconds = _reset(reset, server_now)
    return None if seconds is None else max(0.0, seconds)


def _moment(text: str | None) -> float | None:
    """Return the seconds since 1970 of an HTTP date."""
    if text is None:
        return None
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # a start reaches this module; few servers send dates

    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


def _reset(text: str | None, now: float) -> float | None:
    number = _number(text)
    if number is None or number < 1e8:  # three years of seconds to go, or 1973: nobody means either
        return number
    while number > 1e11:  # the year 5138 in seconds: it is counted in thousandths or less
        number /= 1000
    return number - now


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
