"""The smallest provider that a person would write with `terraform_plugin`, installed and used as its text says."""

import subprocess
import sys
from pathlib import Path

import pytest

from terraform_plugin.testing import Terraform, TerraformFailed
from tests.examples.applied import EXAMPLES, OWN_PROVIDER, text_of

NOTES = "terraform.local/example/notes"


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    """Terraform that finds what the example's own command installs, and a folder for its notes."""
    (tmp_path / "kept").mkdir()
    made = Terraform(tmp_path, None, {"notes": NOTES}, {"TF_VAR_folder": str(tmp_path / "kept")})
    command = [sys.executable, str(EXAMPLES / "own_provider" / "notes.py"), "install"]
    subprocess.run(command, env=made.variables, check=True)
    return made


def test_a_note_is_made_changed_adopted_and_removed(terraform: Terraform) -> None:
    """What somebody else wrote is seen, and never written over."""
    config = text_of(OWN_PROVIDER)
    terraform.apply(config)
    note = Path(terraform.output("file"))
    assert note.read_text() == "Bread, and oil."
    assert terraform.output("titles") == ["reading-list", "shopping"]

    note.write_text("Salt.")
    plan = terraform.plan(config)
    assert plan.actions("notes_note.shopping") == ["update"]
    assert (plan.before("notes_note.shopping") or {})["text"] == "Salt."

    terraform.run("state", "rm", "notes_note.shopping")
    with pytest.raises(TerraformFailed, match=r"The note already exists"):
        terraform.apply(config)
    terraform.import_(config, "notes_note.shopping", "shopping")
    terraform.apply(config)
    assert note.read_text() == "Bread, and oil."

    terraform.destroy()
    assert not note.exists()


def test_a_mistake_is_found_before_anything_is_made(terraform: Terraform) -> None:
    """By the schema alone."""
    [message] = terraform.validate(text_of(OWN_PROVIDER).replace('title = "shopping"', 'title = "Shopping List"'))

    assert message.detail == 'title must contain only lowercase letters, digits and hyphens, got "Shopping List".'
