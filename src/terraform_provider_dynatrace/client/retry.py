"""Whether and when to try again: decided here, waited elsewhere. Nothing in this module waits or sends."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC
from enum import Enum

from msgspec import Struct

from terraform_provider_dynatrace.client.errors import Conflict, DynatraceError


class Repeat(Enum):
    """When the same request may be sent again.

    `IF_NOT_DONE`: only if the server cannot have carried it out. `ANYTIME`: doing it twice is doing it once (reads;
    POST with externalId; PUT with updateToken, where the second finds a conflict; DELETE). `ALSO_AFTER_CONFLICT`:
    also after a 409, for what conflicts with other people's changes and not with its own earlier answer.
    """

    IF_NOT_DONE = "if not done"
    ANYTIME = "any time"
    ALSO_AFTER_CONFLICT = "also after a conflict"


class Policy(Struct, frozen=True):
    """How patient to be: pauses in seconds, starting near `first`, doubling up to `cap`, at most `max_retries` of them.

    A server that asks for more than `longest_retry_after` seconds is not waited for.
    """

    max_retries: int = 5
    first: float = 0.5
    cap: float = 30.0
    longest_retry_after: float = 120.0


def pause_after(
    failure: DynatraceError,
    attempt: int,
    policy: Policy,
    *,
    repeat: Repeat,
    random: Callable[[], float],
) -> float | None:
    """Return the seconds to wait before the request is sent again, or None to give up.

    `attempt` counts from 0. What the server wished comes first, with up to a tenth on top so that not everybody comes
    back at once; without a wish the pause grows exponentially, jittered down to half by `random` (0 to 1).
    """
    if attempt >= policy.max_retries or not _worth_repeating(failure, repeat):
        return None
    if failure.retry_after is not None:
        return failure.retry_after * (1 + random() / 10) if failure.retry_after <= policy.longest_retry_after else None
    longest = min(policy.cap, math.ldexp(policy.first, min(attempt, 60)))
    return longest * (1 + random()) / 2


def _worth_repeating(failure: DynatraceError, repeat: Repeat) -> bool:
    if isinstance(failure, Conflict):
        return repeat is Repeat.ALSO_AFTER_CONFLICT
    return failure.transient and (repeat is not Repeat.IF_NOT_DONE or not failure.outcome_unknown)


def requested_pause(headers: Mapping[str, str], now: float) -> float | None:
    """Return how many seconds the server asks us to wait, or None if it does not say.

    `headers` have lower-case names, `now` is seconds since 1970. `Retry-After` holds seconds or an HTTP date (RFC 9110
    10.2.3). `X-RateLimit-Reset` holds seconds to go; a number too large for that is a point in time, in seconds, milli-
    or microseconds since 1970, as other APIs send it.
    """
    retry_after = _seconds(headers.get("retry-after"), now)
    if retry_after is None:
        retry_after = _reset(headers.get("x-ratelimit-reset"), now)
    return None if retry_after is None else max(0.0, retry_after)


def _seconds(text: str | None, now: float) -> float | None:
    number = _number(text)
    if number is not None or text is None:
        return number
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # a start reaches this module; few servers send dates

    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now


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
