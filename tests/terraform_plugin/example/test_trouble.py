"""What is left when something goes wrong, with the real Terraform."""

import os
import signal

import pytest

from terraform_plugin.testing import TerraformFailed

from .conftest import ExampleTerraform
from .trouble import in_trouble

THIS = "example_trouble.this"


def failing(terraform: ExampleTerraform, how: str) -> TerraformFailed:
    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(in_trouble(how))
    assert "Traceback" not in failed.value.output
    return failed.value


def test_a_refused_create_leaves_nothing(terraform: ExampleTerraform) -> None:
    """Neither in the state nor anywhere else."""
    [error] = failing(terraform, "refused").errors
    assert (error.summary, error.detail, error.address) == ("Refused", "The server said no. Ask another one.", THIS)
    assert (terraform.state(), terraform.store.ids()) == ({}, [])


@pytest.mark.parametrize(
    ("how", "summary", "phase"),
    [
        ("half", "Only half done", "begun"),
        ("exception", "example_trouble: ApplyResourceChange failed unexpectedly", "begun"),
        ("leaves", "example_trouble: ApplyResourceChange failed unexpectedly", "begun"),
        ("unknown", "example_trouble: values are missing after apply", None),
        ("misshapen", "example_trouble: ApplyResourceChange failed unexpectedly", None),
    ],
)
def test_what_was_made_is_in_the_state_and_replaced_next_time(
    terraform: ExampleTerraform, how: str, summary: str, phase: str | None
) -> None:
    """Terraform calls it tainted. The traceback is in the log, not on the screen."""
    [error] = failing(terraform, how).errors
    assert error.summary == summary
    assert ("Traceback" in terraform.log) is ("unexpectedly" in summary)
    assert terraform.state()[THIS] == {"id": terraform.store.ids()[0], "how": how, "phase": phase}
    assert terraform.tainted() == [THIS]

    terraform.apply(in_trouble("nothing"))
    assert terraform.state()[THIS] == {"id": terraform.store.ids()[0], "how": "nothing", "phase": "done"}


def test_a_failed_update_keeps_what_was_and_a_failed_delete_too(terraform: ExampleTerraform) -> None:
    """Neither is tainted: it is what the state says. A failed read changes nothing."""
    terraform.apply(in_trouble("nothing"))
    before = terraform.state()
    failing(terraform, "half")
    assert (terraform.state(), terraform.tainted()) == (before, [])

    terraform.apply(in_trouble("undeletable"))
    with pytest.raises(TerraformFailed, match="Something uses it"):
        terraform.destroy()
    assert terraform.state()[THIS]["how"] == "undeletable"

    with pytest.raises(TerraformFailed, match="Cannot be read"):
        terraform.apply(in_trouble("unreadable"))
    assert terraform.state()[THIS]["how"] == "unreadable"
    (terraform.folder / "terraform.tfstate").unlink()


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_what_waits_and_saves_the_state(terraform: ExampleTerraform, signal_: signal.Signals) -> None:
    """The signal goes to every process of the group, as that of a person's Ctrl-C does."""
    terraform.init(in_trouble("waits"))
    process = terraform.start("apply", "-input=false", "-auto-approve", "-no-color")
    assert process.stdout is not None
    for line in process.stdout:
        if "Still creating" in line:
            break
    os.killpg(process.pid, signal_)
    printed, _ = process.communicate()

    assert "Interrupted" in printed
    assert process.returncode == 1
    assert terraform.state()[THIS]["phase"] == "begun"
    assert terraform.tainted() == [THIS]
