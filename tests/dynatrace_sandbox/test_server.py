"""Both sides on real ports: faults below HTTP, and requests that the sockets refuse."""

import threading

import httpx2
import pytest

from dynatrace_sandbox.sandbox import Options
from dynatrace_sandbox.server import running
from dynatrace_sandbox.testing import RunningSandbox, running_sandbox
from tests.dynatrace_sandbox.in_process import creation, objects


def post(sandbox: RunningSandbox, name: str = "connection") -> httpx2.Response:
    return sandbox.call("POST", objects(), json=[creation(name)])


@pytest.mark.parametrize(("acts", "count"), [(False, 0), (True, 1)])
def test_a_reset_breaks_the_connection(sandbox: RunningSandbox, acts: bool, count: int) -> None:  # noqa: FBT001
    """Before or after the server carries out the request; the next request succeeds."""
    sandbox.fault("reset", "POST", acts=acts)

    with pytest.raises(httpx2.ReadError):
        post(sandbox)

    assert len(sandbox.objects()) == count
    assert post(sandbox, "another").status_code == 200


def test_a_disconnect_cuts_the_body(sandbox: RunningSandbox) -> None:
    """The body is shorter than its Content-Length, and the server has carried out the request."""
    sandbox.fault("disconnect", "POST")

    with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete message body"):
        post(sandbox)

    assert len(sandbox.objects()) == 1


def test_other_requests_are_served_while_one_is_held(sandbox: RunningSandbox) -> None:
    """A test can act between a read and a write of a client."""
    object_id = post(sandbox).json()[0]["objectId"]
    path = f"{objects()}/{object_id}"
    before = sandbox.call("GET", path).json()
    fault = sandbox.fault("hold", "PUT")
    statuses: list[int] = []

    def update() -> None:
        body = {"value": before["value"] | {"name": "mine"}, "updateToken": before["updateToken"]}
        statuses.append(sandbox.call("PUT", path, json=body).status_code)

    held = threading.Thread(target=update)
    held.start()
    fault.wait_until_holding()
    sandbox.call("PUT", path, "api-token", json={"value": before["value"] | {"name": "theirs"}})
    fault.release()
    held.join()

    assert statuses == [409]
    assert fault.applied == 1
    assert [one["value"]["name"] for one in sandbox.objects()] == ["theirs"]


def test_a_login_page_can_be_redirected_to(sandbox: RunningSandbox) -> None:
    """A redirect to HTML, as from a proxy."""
    sandbox.fault("respond", "POST", status=302, headers={"Location": f"{sandbox.url}/login"})

    answer = post(sandbox)

    assert (answer.status_code, answer.headers["Location"]) == (302, f"{sandbox.url}/login")


def test_another_host_name_is_refused(sandbox: RunningSandbox) -> None:
    """421 over the wire."""
    headers = {"Host": "abc12345.live.dynatrace.com"}

    assert httpx2.get(f"{sandbox.url}/sandbox/objects", headers=headers, trust_env=False).status_code == 421


async def test_a_port_in_use_is_reported(sandbox: RunningSandbox) -> None:
    """The message has the port."""
    port = int(sandbox.url.rpartition(":")[2])

    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}"):
        await running(Options(), port).__aenter__()


def test_a_server_stops_although_a_request_hangs() -> None:
    """A response that is held does not prevent the process from ending."""
    with running_sandbox() as sandbox:
        fault = sandbox.fault("hold")
        waiting = threading.Thread(target=_until_broken, args=(sandbox,))
        waiting.start()
        fault.wait_until_holding()
    waiting.join()

    assert not waiting.is_alive()


def _until_broken(sandbox: RunningSandbox) -> None:
    try:
        post(sandbox)
    except httpx2.HTTPError:
        return
