"""Errors, warnings and paths."""

import asyncio

import pytest

from terraform_plugin.diagnostics import Diagnostic, Error, Key, Path, Severity, collect_warnings, warn


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (Path(), ""),
        (Path("name"), "name"),
        (Path("web_identity", 0, "consumers"), "web_identity[0].consumers"),
        (Path("tags", Key("team")), 'tags["team"]'),
        (Path("a") / 1 / Key("k") / "b", 'a[1]["k"].b'),
    ],
)
def test_a_path_reads_as_in_terraform(path: Path, text: str) -> None:
    """Names with dots, indexes and keys in brackets."""
    assert str(path) == text


def test_an_error_has_the_form_terraform_shows() -> None:
    """Summary, detail, and the attribute it is about."""
    error = Error("Not found", "Nothing is called x.", Path("name"))
    assert error.diagnostic() == Diagnostic(Severity.ERROR, "Not found", "Nothing is called x.", Path("name"))
    assert (str(error), str(Error("Not found"))) == ("Not found: Nothing is called x.", "Not found")


def test_no_severity_is_zero() -> None:
    """Terraform prints such a diagnostic, and continues."""
    assert [int(severity) for severity in Severity] == [1, 2]


async def test_a_warning_belongs_to_the_operation_that_is_running() -> None:
    """A warning also counts from a task that the operation started; other operations do not see it."""

    async def operation(name: str) -> list[str]:
        with collect_warnings() as warnings:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(inner(name))
            warn(name)
        return [warning.summary for warning in warnings]

    async def inner(name: str) -> None:
        warn(f"inner {name}", "detail", Path("a"))

    assert list(await asyncio.gather(operation("a"), operation("b"))) == [["inner a", "a"], ["inner b", "b"]]


def test_a_warning_outside_of_an_operation_is_dropped() -> None:
    """It could not be shown to anyone."""
    warn("nobody hears")
    with collect_warnings() as warnings:
        assert warnings == []
