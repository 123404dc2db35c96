"""Requests by what they are for."""

from benchmarks.counting import Requests, counted


def entry(method: str, query: str = "") -> dict[str, str]:
    return {"method": method, "path": "/api/v2/settings/objects", "query": query}


def test_a_write_that_only_asks_is_a_validation() -> None:
    """It is counted apart from writes: a plan makes it, too."""
    asked = [entry("POST", "validateOnly=true"), entry("POST"), entry("PUT", "validateOnly=false"), entry("GET")]

    assert counted(asked) == Requests(reads=1, writes=2, validations=1)


def test_requests_are_told_with_and_without_validations() -> None:
    """The goal for an apply is beyond validation."""
    requests = Requests(reads=3, writes=200, validations=11)

    assert (requests.all, requests.beyond_validation) == (214, 203)


def test_nothing_asked_is_no_requests() -> None:
    """A journal may be empty."""
    assert counted([]) == Requests(0, 0, 0)
