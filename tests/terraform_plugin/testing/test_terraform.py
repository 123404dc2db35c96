"""The harness itself, with the echo provider and the real Terraform."""

import os
from pathlib import Path

import pytest

from terraform_plugin.testing import PlanNotEmpty, Terraform, TerraformFailed, find_binary
from tests.terraform_plugin.echo_provider import SOURCE

HELLO = 'resource "echo_text" "this" { text = "hello" }'
BYE = 'resource "echo_text" "this" { text = "bye" }'
FORGETFUL = 'resource "echo_text" "this" { text = "forgotten" }'
REFUSED = 'resource "echo_text" "this" {\n  text = "refused"\n}'


def test_a_plan_tells_what_would_change(echo: Terraform) -> None:
    """Actions and values by address; nothing is done."""
    plan = echo.plan(HELLO)

    assert plan.actions("echo_text.this") == ["create"]
    assert plan.changes == {"echo_text.this": ["create"]}
    assert plan.before("echo_text.this") is None
    assert plan.values("echo_text.this") == {"text": "hello", "seconds": None}
    assert plan.unknown("echo_text.this") == {"echo": True}
    assert plan.replaced_by("echo_text.this") == []
    assert not plan.empty
    assert echo.state() == {}


def test_an_apply_makes_it_real(echo: Terraform) -> None:
    """State and outputs have what the provider returned; the next plan is empty."""
    echo.apply(f'{HELLO}\noutput "echo" {{ value = echo_text.this.echo }}')

    assert echo.state() == {"echo_text.this": {"text": "hello", "seconds": None, "echo": "hello"}}
    assert echo.output("echo") == "hello"
    plan = echo.plan(BYE)
    assert plan.actions("echo_text.this") == ["update"]
    assert plan.before("echo_text.this") == {"text": "hello", "seconds": None, "echo": "hello"}


def test_an_apply_whose_next_plan_is_not_empty_fails(echo: Terraform) -> None:
    """The provider returned another value than planned. The error lists the changes."""
    with pytest.raises(PlanNotEmpty, match=r"\{'echo_text.this': \['update'\]\}"):
        echo.apply(FORGETFUL)


def test_a_failure_has_its_messages(echo: Terraform) -> None:
    """Summary, detail, address and the line of the configuration, unwrapped."""
    with pytest.raises(TerraformFailed, match="Refused") as failed:
        echo.apply(REFUSED)

    [error] = failed.value.errors
    assert (error.severity, error.summary, error.detail) == ("error", "Refused", "This text is not echoed.")
    assert (error.address, error.code) == ("echo_text.this", 'resource "echo_text" "this" {')
    assert "error: Refused\necho_text.this\n" in failed.value.output


def test_validate_returns_the_messages(echo: Terraform) -> None:
    """Nothing is raised: the messages are the result."""
    [message] = echo.validate('resource "echo_text" "this" { txt = "hello" }')[:1]

    assert message.severity == "error"
    assert echo.validate(HELLO) == []


def test_destroy_empties_the_state(echo: Terraform) -> None:
    """Also of what came in with the import command."""
    echo.import_(HELLO, "echo_text.this", "hello")
    assert echo.state() == {"echo_text.this": {"text": "hello", "seconds": None, "echo": "hello"}}

    echo.destroy()

    assert echo.state() == {}


def test_resources_in_modules_are_in_the_state(echo: Terraform) -> None:
    """By their whole address, as are those of a count or for_each."""
    (echo.folder / "part").mkdir()
    (echo.folder / "part" / "main.tf").write_text(
        f'terraform {{\n  required_providers {{\n    echo = {{ source = "{SOURCE}" }}\n  }}\n}}\n{HELLO}'
    )

    echo.apply(
        'module "part" { source = "./part" }\n'
        'resource "echo_text" "counted" {\n  count = 1\n  text  = "a"\n}\n'
        'resource "echo_text" "each" {\n  for_each = { k = "b" }\n  text  = each.value\n}\n'
    )

    assert echo.state().keys() == {"module.part.echo_text.this", "echo_text.counted[0]", 'echo_text.each["k"]'}
    assert echo.tainted() == []


def test_the_providers_log_is_kept(echo: Terraform) -> None:
    """At every level, with the provider's own fields."""
    echo.apply(HELLO)

    [line] = [line for line in echo.log.splitlines() if " creating: " in line]
    assert "@module=echo" in line
    assert "@caller=echo_provider.py" in line
    assert "length=5" in echo.log


def test_the_users_settings_do_not_reach_it(echo: Terraform) -> None:
    """Only PATH, the folder for temporary files, and what the test gives."""
    echo.environ["TF_VAR_text"] = "from a variable"
    echo.apply('variable "text" {}\nresource "echo_text" "this" { text = var.text }')

    assert echo.state()["echo_text.this"]["echo"] == "from a variable"
    assert not {"TF_CLI_ARGS", "USER", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"} & echo.variables.keys()
    assert echo.variables["HOME"] == str(echo.folder)


def test_further_arguments_reach_terraform(echo: Terraform) -> None:
    """A replacement is asked of the apply only, or the plan after it would not be empty."""
    echo.apply(HELLO)

    result = echo.apply(HELLO, "-parallelism=1", "-replace=echo_text.this")

    assert "Plan: 1 to add, 0 to change, 1 to destroy." in result.output


def test_init_runs_once_for_the_same_needs(tmp_path: Path, echo_mirror: Path) -> None:
    """Another folder takes over what the first one got; other needs are looked at again."""
    binary = tmp_path / "noting"
    binary.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/commands\nexec {find_binary()} "$@"\n')
    binary.chmod(0o755)
    for folder in (tmp_path / "one", tmp_path / "other"):
        folder.mkdir()
        terraform = Terraform(folder, echo_mirror, {"echo": SOURCE}, binary=str(binary))
        terraform.plan(HELLO)
        terraform.plan(BYE)
    assert (tmp_path / "commands").read_text().split().count("init") == 1

    with pytest.raises(TerraformFailed, match=r"terraform\.test/no/other"):
        terraform.plan(
            'terraform {\n  required_providers {\n    other = { source = "terraform.test/no/other" }\n  }\n}'
        )


def test_a_command_can_be_started_without_waiting(echo: Terraform) -> None:
    """To interrupt it, for example."""
    echo.init(HELLO)
    process = echo.start("version")

    printed, _ = process.communicate()

    assert (process.returncode, SOURCE in printed) == (0, True)


def test_the_binary_is_the_named_one_or_the_one_on_the_path(tmp_path: Path) -> None:
    """$TERRAFORM first, then terraform, then tofu."""
    for name in ("mine", "tofu"):
        (tmp_path / name).touch(0o755)
    path = {"PATH": str(tmp_path)}

    assert find_binary(path) == str(tmp_path / "tofu")
    (tmp_path / "terraform").touch(0o755)
    assert find_binary(path) == str(tmp_path / "terraform")
    assert find_binary(path | {"TERRAFORM": "mine"}) == str(tmp_path / "mine")
    assert find_binary(path | {"TERRAFORM": str(tmp_path / "mine")}) == str(tmp_path / "mine")


def test_no_binary_is_an_error_that_says_where_to_get_one() -> None:
    """Tests fail instead of being skipped."""
    with pytest.raises(FileNotFoundError, match=r"developer\.hashicorp\.com/terraform/install"):
        find_binary({"PATH": os.devnull})
