"""Faults as data: which requests they apply to, and how they are defined."""

from typing import Any

import pytest

from dynatrace_sandbox.faults import KINDS, MOST_FAULTS, Faults, FaultScript, parse_script

POST = ("POST", "/api/v2/settings/objects")


def applied(script: FaultScript, *requests: tuple[str, str]) -> list[bool]:
    faults = Faults()
    faults.add(script)
    return [faults.take(*request) is not None for request in requests]


def test_a_fault_applies_to_the_next_request() -> None:
    """Once, unless `times` says otherwise."""
    assert applied(FaultScript("reset"), POST, POST) == [True, False]


def test_a_fault_can_apply_to_several_later_requests() -> None:
    """`skip` requests pass first, then it applies to `times` requests."""
    assert applied(FaultScript("reset", times=2, skip=1), *[POST] * 5) == [False, True, True, False, False]


def test_a_fault_can_apply_to_all_requests() -> None:
    """`times` None."""
    assert applied(FaultScript("reset", times=None), *[POST] * 50) == [True] * 50


@pytest.mark.parametrize(
    ("method", "path", "matches"),
    [
        ("POST", "*/settings/objects", True),
        ("*", "/api/v2/*", True),
        ("PUT", "*", False),
        ("POST", "*/settings/objects/*", False),
        ("POST", "/API/*", False),
    ],
)
def test_a_fault_has_a_method_and_a_pattern_of_paths(method: str, path: str, matches: bool) -> None:  # noqa: FBT001
    """Patterns are those of a shell and tell upper from lower case."""
    assert applied(FaultScript("reset", method, path), POST) == [matches]


@pytest.mark.parametrize(("query", "matches"), [("*", True), ("validateOnly=*", True), ("", False)])
def test_a_fault_has_a_pattern_of_queries(query: str, matches: bool) -> None:  # noqa: FBT001
    """An empty one means requests without a query."""
    faults = Faults()
    faults.add(FaultScript("reset", query=query))

    assert (faults.take(*POST, "validateOnly=true") is not None) == matches


def test_the_oldest_matching_fault_applies() -> None:
    """The next one follows when the first is used up."""
    faults = Faults()
    first, second = faults.add(FaultScript("reset")), faults.add(FaultScript("disconnect"))

    assert [faults.take(*POST), faults.take(*POST), faults.take(*POST)] == [first, second, None]
    assert [fault.applied for fault in faults.all()] == [1, 1]


def test_a_released_fault_applies_no_more() -> None:
    """It stays in the list, with its definition."""
    faults = Faults()
    fault = faults.add(FaultScript("hold", "POST", times=None))

    fault.release()

    assert faults.take(*POST) is None
    assert [(one.script.kind, one.script.method) for one in faults.all()] == [("hold", "POST")]


def test_cleared_faults_are_deleted() -> None:
    """None is left."""
    faults = Faults()
    faults.add(FaultScript("reset", times=None))

    faults.clear()

    assert faults.take(*POST) is None
    assert faults.all() == []


def test_the_number_of_faults_is_limited() -> None:
    """The error says how to go on."""
    faults = Faults()
    for _ in range(MOST_FAULTS):
        faults.add(FaultScript("reset"))

    with pytest.raises(ValueError, match="DELETE /sandbox/faults"):
        faults.add(FaultScript("reset"))


def test_headers_can_contain_a_moment() -> None:
    """Relative to the response: an HTTP date, seconds, microseconds. Anything else stays as it is."""
    headers = {
        "Retry-After": "{date+2}",
        "X-RateLimit-Reset": "{microseconds+1}",
        "X-At": "{seconds+1}",
        "X": "{x}",
        "X-Far": "{date+9999999999}",
    }

    assert FaultScript("respond", headers=headers).headers_at(784111775) == headers | {
        "Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT",
        "X-RateLimit-Reset": "784111776000000",
        "X-At": "784111776",
    }


@pytest.mark.parametrize(
    "json",
    [
        {},
        [],
        {"kind": "explode"},
        {"kind": "reset", "when": "now"},
        {"kind": "reset", "times": "two"},
        {"kind": "reset", "times": True},
        {"kind": "reset", "times": -1},
        {"kind": "reset", "skip": -1},
        {"kind": "respond", "status": "503"},
        {"kind": "respond", "status": 42},
        {"kind": "respond", "status": 101},
        {"kind": "respond", "status": 99999},
        {"kind": "respond", "status": 204, "body": "{}"},
        {"kind": "respond", "headers": {"Retry-After": 1}},
        {"kind": "respond", "headers": {"A\r\nB": "1"}},
        {"kind": "respond", "headers": {"A": "1\r\nB: 2"}},
        {"kind": "respond", "headers": {"A": "ü"}},
        {"kind": "respond", "headers": {"Content-Length": "5"}},
        {"kind": "respond", "headers": {"transfer-encoding": "chunked"}},
        {"kind": "hang", "seconds": None},
        {"kind": "hang", "seconds": -1},
        {"kind": "hang", "seconds": 1e300},
        {"kind": "hang", "seconds": float("nan")},
    ],
)
def test_an_invalid_fault_is_refused(json: Any) -> None:
    """The error says what is wrong."""
    with pytest.raises(ValueError, match="Invalid fault: "):
        parse_script(json)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_defined(kind: str) -> None:
    """From JSON, with defaults for the other fields."""
    assert parse_script({"kind": kind, "times": None, "seconds": 1}) == FaultScript(kind, times=None, seconds=1)
