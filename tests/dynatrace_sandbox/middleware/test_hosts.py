"""Only this machine's names are answered."""

import pytest

from tests.dynatrace_sandbox.in_process import Tenant


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8085", "localhost:1", "LOCALHOST"])
def test_the_names_of_this_machine_are_known(tenant: Tenant, host: str) -> None:
    """With any port, and whatever the case."""
    assert tenant.call("GET", "/login", "", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["", "example.com", "127.0.0.1.example.com", "abc12345.live.dynatrace.com", "[::1]"])
def test_any_other_name_is_refused(tenant: Tenant, host: str) -> None:
    """421, for the control path too: a web page cannot reach it by rebinding a name of its own."""
    for path in ("/login", "/sandbox/credentials"):
        assert tenant.call("GET", path, "", headers={"Host": host}).status_code == 421
