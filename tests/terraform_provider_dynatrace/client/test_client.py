"""The HTTP client: what is sent, what is retried, and what is returned."""

from __future__ import annotations

import asyncio
import logging
import ssl

import httpx2
import pytest
from msgspec.structs import replace

from terraform_plugin.log import TRACE
from terraform_plugin.stopping import Stopped, pause, use_stop_event
from terraform_provider_dynatrace.client.auth import ApiToken, Credential, OAuthClient, PlatformToken
from terraform_provider_dynatrace.client.client import Client, Connection, Options
from terraform_provider_dynatrace.client.errors import (
    Conflict,
    DynatraceError,
    Rejected,
    ServerFault,
    Throttled,
    UnexpectedResponse,
    Unreachable,
)
from terraform_provider_dynatrace.client.json import Json
from terraform_provider_dynatrace.client.retry import Idempotency
from terraform_provider_dynatrace.deadline import OutOfTime, deadline
from tests.terraform_provider_dynatrace.far_end import (
    API_TOKEN,
    ENVIRONMENT,
    SECRET,
    USUAL,
    FarEnd,
    Step,
    Time,
    client_of,
    json,
    refusal,
)
from tests.virtual_time import LoopTime

FINE = json({"fine": True})
BUSY = refusal(429, "too many requests", headers={"Retry-After": "1"})
HALF = httpx2.Response(200, content=b'{"fine": tr', headers={"content-type": "application/json"})


async def get(far_end: FarEnd, time: Time | None = None, options: Options = USUAL) -> object:
    return await client_of(far_end, time, options=options).request("GET", "/x", access="read")


async def post(far_end: FarEnd, time: Time, idempotency: Idempotency) -> object:
    return await client_of(far_end, time).request("POST", "/x", access="write", body={"a": 1}, idempotency=idempotency)


async def test_a_request_carries_query_body_and_user_agent() -> None:
    """JSON in, JSON out."""
    far_end = FarEnd(FINE)

    await client_of(far_end).request("PUT", "/x", access="write", query={"a": "1 & 2"}, body={"ü": [1]})

    [sent] = far_end.requests
    assert sent.url.params["a"] == "1 & 2"
    assert sent.content == '{"ü":[1]}'.encode()
    assert sent.headers["Content-Type"] == "application/json"
    assert sent.headers["User-Agent"].startswith("terraform-provider-dynatrace")


@pytest.mark.parametrize(
    "fault",
    [
        BUSY,
        refusal(500, "x"),
        refusal(502, "x"),
        refusal(503, "x"),
        refusal(504, "x"),
        HALF,
        httpx2.ConnectError("refused"),
        httpx2.ConnectTimeout("slow"),
        httpx2.ReadError("reset"),
        httpx2.ReadTimeout("slow"),
        httpx2.RemoteProtocolError("server disconnected"),
        httpx2.WriteError("reset"),
    ],
)
async def test_a_read_survives_a_fault_that_passes(fault: Step) -> None:
    """429, 5xx, broken connections, incomplete responses."""
    far_end = FarEnd(fault, fault, FINE)

    assert await get(far_end) == {"fine": True}
    assert len(far_end.requests) == 3


@pytest.mark.parametrize("fault", [httpx2.ReadError("reset"), refusal(500, "x"), HALF])
async def test_a_write_that_cannot_be_repeated_is_sent_once(fault: Step) -> None:
    """The server may have carried it out, so the error is shown at once."""
    far_end = FarEnd(fault, FINE)

    with pytest.raises(DynatraceError):
        await post(far_end, Time(), Idempotency.UNSAFE)

    assert len(far_end.requests) == 1


@pytest.mark.parametrize("fault", [httpx2.ConnectError("refused"), BUSY])
async def test_a_write_that_was_not_done_is_sent_again(fault: Step) -> None:
    """It did not reach the server, or the server reported that nothing was done."""
    far_end = FarEnd(fault, FINE)

    assert await post(far_end, Time(), Idempotency.UNSAFE) == {"fine": True}


async def test_a_conflict_is_repeated_only_where_asked() -> None:
    """Permissions of one object change one after the other; a PUT with an old updateToken stays wrong."""
    conflict = refusal(409, "changed")

    assert await post(FarEnd(conflict, FINE), Time(), Idempotency.RETRIED_AFTER_CONFLICT) == {"fine": True}
    with pytest.raises(Conflict):
        await post(FarEnd(conflict, FINE), Time(), Idempotency.IDEMPOTENT)


async def test_three_429s_take_the_time_that_the_server_asks_for() -> None:
    """Three seconds and a little jitter for three times Retry-After: 1."""
    time = Time()

    await get(FarEnd(BUSY, BUSY, BUSY, FINE), time)

    assert 3 <= sum(time.waited) < 5


async def test_pauses_grow_if_the_server_asks_for_none() -> None:
    """Exponential backoff."""
    time = Time()

    await get(FarEnd(*[refusal(503, "x")] * 3, FINE), time)

    assert time.waited == [0.5, 1, 2]


async def test_the_last_failure_is_what_the_user_reads() -> None:
    """After max_retries, the user reads the last failure with the number of attempts."""
    far_end = FarEnd(refusal(503, "down for maintenance"))

    with pytest.raises(ServerFault, match="down for maintenance") as caught:
        await get(far_end, options=replace(USUAL, max_retries=2))

    assert len(far_end.requests) == 3
    assert "attempt 3" in caught.value.detail


async def test_an_earlier_attempt_may_have_acted() -> None:
    """The outcome is unknown even if the last attempt did not reach the server."""
    far_end = FarEnd(httpx2.ReadError("reset"), httpx2.ConnectError("refused"))

    with pytest.raises(Unreachable) as caught:
        await post(far_end, Time(), Idempotency.IDEMPOTENT)

    assert caught.value.outcome_unknown


async def test_nothing_waits_past_the_deadline() -> None:
    """If the requested pause is longer than the operation has time, the error is shown at once."""
    time = Time()

    with deadline(0.5), pytest.raises(Throttled, match="operation_timeout"):
        await client_of(FarEnd(BUSY), time).request("GET", "/x", access="read")

    assert time.waited == []


async def test_the_servers_pause_is_waited_for_if_the_operation_has_the_time() -> None:
    """However long it is. The error for one that is too long has its seconds, those that are left, and the argument."""
    hour = json({}, 429, {"Retry-After": "3600"})
    time = Time()

    with deadline(4000):
        await client_of(FarEnd(hour, FINE), time).request("GET", "/x", access="read")
    with deadline(100), pytest.raises(Throttled) as caught:
        await client_of(FarEnd(hour), time).request("GET", "/x", access="read")

    assert sum(time.waited) == pytest.approx(3960)
    assert "asks to wait 3600 seconds, but the operation only has 100 seconds left" in caught.value.detail
    assert "operation_timeout" in caught.value.detail


@pytest.mark.parametrize("fault", [httpx2.ConnectTimeout("slow"), refusal(503, "x"), httpx2.ReadError("reset")])
async def test_an_outage_of_ten_minutes_is_waited_out(fault: Step) -> None:
    """As long as the operation has time; the log warns once, after 10 seconds."""
    time = Time()

    async def away(_: httpx2.Request) -> httpx2.Response:
        if not 1001 < time.now < 1600:
            return FINE
        if isinstance(fault, Exception):
            raise fault
        assert isinstance(fault, httpx2.Response)
        return fault

    client = client_of(FarEnd(away), time)
    with deadline(1200):
        await client.request("GET", "/x", access="read")
        time.now += 2
        await client.request("GET", "/x", access="read")

    assert 1600 <= time.now <= 1610


async def test_an_outage_is_one_warning_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """For all requests that wait, after 10 seconds; a new outage is a new warning."""
    far_end = FarEnd(FINE)
    client = client_of(far_end)

    async def last(count: int) -> list[str]:
        caplog.clear()
        far_end.steps = [*[refusal(503, "x")] * count, FINE]
        await asyncio.gather(*(client.request("GET", "/x", access="read") for _ in range(3)))
        return [record.message for record in caplog.records if record.levelno == logging.WARNING]

    assert await last(3) == []
    [first] = await last(12)
    [_] = await last(12)
    assert "has been failing for" in first
    assert "operation_timeout" in first


async def never(_: httpx2.Request) -> httpx2.Response:
    """Answer in a year or so."""
    await asyncio.sleep(1e7)
    return FINE


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("seconds", "soonest", "latest", "says"),
    [
        (7, 7, 7, "longer than 7 seconds. Try again later, or raise operation_timeout"),
        (1e6, 120, 180, "longer than 60 seconds. Try again later, or raise request_timeout"),
    ],
)
async def test_a_response_can_take_until_the_deadline(seconds: float, soonest: float, latest: float, says: str) -> None:
    """The error names the argument that allows more time, which depends on the deadline."""
    time = LoopTime()
    connection = Connection(ENVIRONMENT, USUAL, transport=FarEnd(never), clock=time.clock, pause=time.pause)
    client = Client(connection, API_TOKEN)

    with deadline(seconds), pytest.raises(Unreachable, match=says):
        await client.request("GET", "/x", access="read")

    assert soonest <= asyncio.get_running_loop().time() - 1000 <= latest


@pytest.mark.virtual_time
async def test_who_waits_for_a_place_waits_no_longer_than_the_deadline() -> None:
    """While requests with more time use all places."""
    client = Client(Connection(ENVIRONMENT, replace(USUAL, max_concurrency=1), transport=FarEnd(never)), API_TOKEN)
    first = asyncio.create_task(client.request("GET", "/x", access="read", into=Json))
    await asyncio.sleep(1)
    with deadline(7), pytest.raises(OutOfTime):
        await client.request("GET", "/x", access="read")
    first.cancel()
    assert asyncio.get_running_loop().time() == 1008


@pytest.mark.virtual_time
@pytest.mark.parametrize("early", ["Interrupted", "Operation timed out"])
async def test_waiting_that_ends_early_keeps_what_may_have_been_done(early: str) -> None:
    """After a lost response, the object may exist. The error must say so, and not only why there was no retry."""
    stop = asyncio.Event()
    use_stop_event(stop)

    async def losing_and_stopping(_: httpx2.Request) -> httpx2.Response:
        if early == "Interrupted":
            stop.set()
        else:
            client.connection.limiter.back_off(100, 1e9)
        raise httpx2.ReadError("reset")

    client = Client(
        Connection(ENVIRONMENT, USUAL, transport=FarEnd(losing_and_stopping), pause=pause, clock=LoopTime.clock),
        API_TOKEN,
    )
    with deadline(50), pytest.raises(Unreachable, match=f"{early}: it was not retried") as caught:
        await client.request("POST", "/x", access="write", body={}, idempotency=Idempotency.IDEMPOTENT)
    assert caught.value.outcome_unknown


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("credential", "host"),
    [
        (API_TOKEN, "abc12345.live.dynatrace.com"),
        (PlatformToken(SECRET, source="test"), "abc12345.apps.dynatrace.com"),
        (
            OAuthClient("dt0s02.X", SECRET, token_url="https://sso.dynatrace.com/token", source="test"),
            "sso.dynatrace.com",
        ),
    ],
)
async def test_no_redirect_carries_a_credential_to_another_host(status: int, credential: Credential, host: str) -> None:
    """Neither a token nor the secret of a login is sent to a host that a redirect names."""
    far_end = FarEnd(httpx2.Response(status, headers={"Location": "https://elsewhere.example/login"}))

    with pytest.raises(UnexpectedResponse, match="elsewhere"):
        await client_of(far_end, credential=credential).request("POST", "/x", access="write", body={})

    assert [request.url.host for request in far_end.requests] == [host]


async def test_an_id_that_makes_no_address_is_an_error() -> None:
    """An ID can come from a server."""
    with pytest.raises(UnexpectedResponse, match="cannot be sent"):
        await client_of(FarEnd(FINE)).request("GET", f"/{'x' * 70_000}", access="read")


async def test_no_cookie_of_one_credential_is_sent_with_another() -> None:
    """Cookies are not stored: two credentials share connections only."""
    far_end = FarEnd(json({}, headers={"Set-Cookie": "session=abc; Path=/"}))

    client = client_of(far_end)
    await client.request("GET", "/x", access="read")
    other = ApiToken("dt0c01.OTHER.SECRET", source="test", environment=ENVIRONMENT)
    await client.using(other).request("GET", "/x", access="read")

    assert ["Cookie" in request.headers for request in far_end.requests] == [False, False]


async def test_waiting_ends_when_terraform_stops() -> None:
    """An interrupt is noticed in the pause between two attempts."""
    stop = asyncio.Event()
    use_stop_event(stop)

    async def busy_and_stopping(_: httpx2.Request) -> httpx2.Response:
        stop.set()
        return json({}, 503, {"Retry-After": "100"})

    far_end = FarEnd(busy_and_stopping)
    client = Client(Connection(ENVIRONMENT, USUAL, transport=far_end, pause=pause), API_TOKEN)
    with pytest.raises(Stopped):
        await client.request("GET", "/x", access="read")


async def test_no_more_than_max_concurrency_at_a_time() -> None:
    """The others wait for their turn."""
    running, most = 0, 0

    async def slow(_: httpx2.Request) -> httpx2.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return json({})

    client = client_of(FarEnd(slow), options=replace(USUAL, max_concurrency=3))
    await asyncio.gather(*(client.request("GET", "/x", access="read") for _ in range(20)))

    assert most == 3


async def test_when_one_is_throttled_the_others_wait_too() -> None:
    """No request is sent during the pause that the server asks for."""
    time = Time()
    sent: list[float] = []

    async def note(_: httpx2.Request) -> httpx2.Response:
        sent.append(time.now)
        return json({})

    async def busy(_: httpx2.Request) -> httpx2.Response:
        sent.append(time.now)
        return BUSY

    client = client_of(FarEnd(busy, note), time, options=replace(USUAL, max_concurrency=1))
    other = client.using(PlatformToken("dt0s16.PUBLIC.SECRET", source="x"))
    await asyncio.gather(*(one.request("GET", "/x", access="read") for one in (client, other, client)))

    assert len(sent) == 4
    assert all(moment >= sent[0] + 1 for moment in sent[1:])


async def test_an_array_gives_each_element_its_result() -> None:
    """207 is not an error of the whole request."""
    body = [{"code": 200, "objectId": "A"}, {"code": 400, "error": {"code": 400, "message": "no"}}]
    far_end = FarEnd(json(body, 207))

    first, second = await client_of(far_end).send_items("/x", [1, 2], idempotency=Idempotency.IDEMPOTENT)

    assert first == "A"
    assert isinstance(second, Rejected)


async def test_a_single_element_that_failed_for_a_moment_is_repeated() -> None:
    """A create is an array of one."""
    far_end = FarEnd(json([{"code": 503, "error": {"code": 503}}], 207), json([{"code": 200, "objectId": "A"}]))

    assert await client_of(far_end).send_items("/x", [1], idempotency=Idempotency.IDEMPOTENT) == ["A"]


async def test_a_redirect_is_not_followed() -> None:
    """Credentials stay with the host they are for."""
    far_end = FarEnd(httpx2.Response(302, headers={"Location": "https://login.example.com/"}), FINE)

    with pytest.raises(UnexpectedResponse, match=r"login\.example\.com"):
        await get(far_end)

    assert len(far_end.requests) == 1


async def test_a_missing_response_ends_at_the_request_timeout() -> None:
    """request_timeout applies to the whole response, however slowly it arrives."""

    async def silent(_: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(Unreachable, match=r"longer than 0\.01 seconds"):
        await get(FarEnd(silent), options=replace(USUAL, max_retries=0, request_timeout=0.01))


async def test_a_certificate_that_is_not_trusted_is_not_tried_again() -> None:
    """The error about an untrusted certificate names the certificate store."""
    untrusted, reason = httpx2.ConnectError("x"), ssl.SSLCertVerificationError(1, "failed")
    reason.verify_code, reason.verify_message = 18, "self-signed certificate"
    untrusted.__cause__ = reason
    far_end = FarEnd(untrusted)

    with pytest.raises(Unreachable, match="certificate"):
        await get(far_end)

    assert len(far_end.requests) == 1


async def test_requests_are_logged_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """Method, path, status and time; neither headers nor bodies."""
    with caplog.at_level(logging.DEBUG):
        await post(FarEnd(BUSY, json({"secret": "BODYBODY"})), Time(), Idempotency.IDEMPOTENT)

    assert "POST /api/v2/x 200 in" in caplog.text
    assert SECRET not in caplog.text
    assert "BODYBODY" not in caplog.text


async def test_trace_logs_requests_and_responses(caplog: pytest.LogCaptureFixture) -> None:
    """In separate fields, in which secrets are masked, and without headers."""
    with caplog.at_level(TRACE):
        await post(FarEnd(json({"answered": True})), Time(), Idempotency.IDEMPOTENT)

    [record] = [record for record in caplog.records if record.levelno == TRACE and "in full" in record.message]
    assert vars(record)["request"] == '{"a":1}'
    assert vars(record)["response"] == '{"answered":true}'
    assert SECRET not in str(vars(record))


def test_the_same_credential_needs_no_second_client() -> None:
    """Settings and permissions use the same client if they use the same credential."""
    client = client_of(FarEnd(FINE))

    assert client.using(API_TOKEN) is client
