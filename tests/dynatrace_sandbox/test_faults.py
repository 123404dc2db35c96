"""Faults as data: which requests they strike, and how they are described."""

from typing import Any

import pytest

from dynatrace_sandbox.faults import KINDS, Faults, Script, parse_script

POST = ("POST", "/api/v2/settings/objects")


def struck(script: Script, *requests: tuple[str, str]) -> list[bool]:
    faults = Faults()
    faults.add(script)
    return [faults.striking(*request) is not None for request in requests]


def test_a_fault_strikes_the_next_request_once() -> None:
    """Unless told otherwise."""
    assert struck(Script("reset"), POST, POST) == [True, False]


def test_a_fault_strikes_several_times_after_a_while() -> None:
    """`skip` requests go through first, then `times` are struck."""
    assert struck(Script("reset", times=2, skip=1), *[POST] * 5) == [False, True, True, False, False]


def test_a_fault_without_a_number_strikes_for_ever() -> None:
    """`times` None."""
    assert struck(Script("reset", times=None), *[POST] * 50) == [True] * 50


@pytest.mark.parametrize(
    ("method", "path", "strikes"),
    [
        ("POST", "*/settings/objects", True),
        ("*", "/api/v2/*", True),
        ("PUT", "*", False),
        ("POST", "*/settings/objects/*", False),
        ("POST", "/API/*", False),
    ],
)
def test_a_fault_is_about_a_method_and_a_pattern_of_paths(method: str, path: str, strikes: bool) -> None:  # noqa: FBT001
    """Shell-style, with case."""
    assert struck(Script("reset", method, path), POST) == [strikes]


@pytest.mark.parametrize(("query", "strikes"), [("*", True), ("validateOnly=*", True), ("", False)])
def test_a_fault_can_be_about_a_pattern_of_queries(query: str, strikes: bool) -> None:  # noqa: FBT001
    """An empty one means requests without a query."""
    faults = Faults()
    faults.add(Script("reset", query=query))

    assert (faults.striking(*POST, "validateOnly=true") is not None) == strikes


def test_the_first_fault_that_fits_strikes() -> None:
    """The next one has its turn when the first is used up."""
    faults = Faults()
    first, second = faults.add(Script("reset")), faults.add(Script("half"))

    assert [faults.striking(*POST), faults.striking(*POST), faults.striking(*POST)] == [first, second, None]
    assert [fault.struck for fault in faults.all()] == [1, 1]


def test_cleared_faults_strike_no_more() -> None:
    """None is left."""
    faults = Faults()
    faults.add(Script("reset", times=None))

    faults.clear()

    assert faults.striking(*POST) is None
    assert faults.all() == []


def test_headers_can_speak_of_a_moment() -> None:
    """Relative to the answer: an HTTP date, seconds, microseconds."""
    headers = {"Retry-After": "{date+2}", "X-RateLimit-Reset": "{microseconds+1}", "X-At": "{seconds+1}", "X": "{x}"}

    assert Script("answer", headers=headers).headers_at(784111775) == {
        "Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT",
        "X-RateLimit-Reset": "784111776000000",
        "X-At": "784111776",
        "X": "{x}",
    }


@pytest.mark.parametrize(
    "known",
    [
        {},
        [],
        {"kind": "explode"},
        {"kind": "reset", "when": "now"},
        {"kind": "reset", "times": "two"},
        {"kind": "reset", "times": True},
        {"kind": "answer", "status": "503"},
        {"kind": "answer", "headers": {"Retry-After": 1}},
        {"kind": "hang", "seconds": None},
    ],
)
def test_what_is_no_fault_is_refused(known: Any) -> None:
    """With what a fault needs, or does not have."""
    with pytest.raises(ValueError, match="a fault"):
        parse_script(known)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_scripted(kind: str) -> None:
    """From JSON, with defaults for the rest."""
    assert parse_script({"kind": kind, "times": None, "seconds": 1}) == Script(kind, times=None, seconds=1)
