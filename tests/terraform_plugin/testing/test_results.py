"""What Terraform printed, taken apart: no process, only text."""

import json

import pytest

from terraform_plugin.testing import Message, Plan, Result, TerraformFailed

ERROR = {
    "severity": "error",
    "summary": "Too short",
    "detail": "Three characters at least.",
    "address": "echo_text.this",
    "snippet": {"code": '  text = "a"'},
}
WARNING = {"severity": "warning", "summary": "Deprecated"}
LINES = [
    {"@level": "info", "@message": "Terraform 1.11.4", "type": "version"},
    {"@level": "error", "@message": "Error: Too short", "type": "diagnostic", "diagnostic": ERROR},
    {"@level": "warn", "@message": "Warning: Deprecated", "type": "diagnostic", "diagnostic": WARNING},
]
JSON = Result(("apply", "-json"), 1, "\n".join(map(json.dumps, LINES)) + "\nnot an event\n")


def test_a_message_has_its_address_and_its_line() -> None:
    """What is missing is empty."""
    assert Message.parse(ERROR) == Message(
        "error", "Too short", "Three characters at least.", "echo_text.this", 'text = "a"'
    )
    assert Message.parse(WARNING) == Message("warning", "Deprecated", "", "", "")


def test_events_become_messages_and_text() -> None:
    """Errors and warnings apart; the output has everything once."""
    assert [message.summary for message in JSON.errors] == ["Too short"]
    assert [message.summary for message in JSON.warnings] == ["Deprecated"]
    assert JSON.output == (
        "Terraform 1.11.4\n"
        'error: Too short\necho_text.this\ntext = "a"\nThree characters at least.\n'
        "warning: Deprecated"
    )


def test_other_output_is_left_as_it_is() -> None:
    """Commands without -json have no events, even if they print JSON."""
    result = Result(("show",), 0, "{}\n")

    assert (result.output, result.messages) == ("{}\n", [])


def test_a_failure_shows_the_command_and_its_output() -> None:
    """That is what a failed test prints."""
    failure = TerraformFailed(JSON)

    assert str(failure).startswith("terraform apply -json ended with 1:\nTerraform 1.11.4\nerror: Too short\n")
    assert failure.output == JSON.output
    assert failure.errors == JSON.errors


def test_a_plan_knows_replacements() -> None:
    """In the order in which Terraform does them, with the paths that ask for it."""
    change = {
        "actions": ["delete", "create"],
        "before": {"name": "a"},
        "after": {"name": "b"},
        "after_unknown": {"id": True},
        "replace_paths": [["name"], ["tags", "team"]],
    }
    other = {"actions": ["no-op"], "before": {}, "after": {}, "after_unknown": {}}
    shown = {"resource_changes": [{"address": "x.a", "change": change}, {"address": "x.b", "change": other}]}
    plan = Plan(Result(("plan",), 2, ""), shown)

    assert plan.changes == {"x.a": ["delete", "create"]}
    assert plan.actions("x.b") == ["no-op"]
    assert plan.replaced_by("x.a") == [["name"], ["tags", "team"]]
    assert plan.replaced_by("x.b") == []
    assert (plan.before("x.a"), plan.values("x.a"), plan.unknown("x.a")) == ({"name": "a"}, {"name": "b"}, {"id": True})


@pytest.mark.parametrize(("code", "empty"), [(0, True), (2, False)])
def test_a_plan_is_empty_if_terraform_says_so(code: int, *, empty: bool) -> None:
    """Changes of outputs count, too: -detailed-exitcode."""
    assert Plan(Result(("plan",), code, ""), {}).empty is empty
