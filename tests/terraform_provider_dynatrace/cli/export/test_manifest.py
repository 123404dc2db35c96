"""What an export remembers in its folder."""

from pathlib import Path

import pytest

from terraform_plugin import Error
from terraform_provider_dynatrace.cli.export.manifest import FILE, Manifest, load, save
from tests.terraform_provider_dynatrace.cli.export.exporting import CONNECTION, ROLE_ARN

MANIFEST = Manifest({CONNECTION: {"id-2": "b", "id-1": "a"}, ROLE_ARN: {"id-1": "a"}}, flat=True, references=False)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """Names by object id, and the form of the export."""
    assert save(tmp_path, MANIFEST)

    found = load(tmp_path)
    assert found.names == {"id-1": "a", "id-2": "b"}
    assert (found.flat, found.references) == (True, False)
    assert found.resources[ROLE_ARN] == {"id-1": "a"}


def test_the_same_again_changes_no_byte(tmp_path: Path) -> None:
    """In whatever order it was found."""
    save(tmp_path, MANIFEST)
    before = (tmp_path / FILE).read_bytes()

    again = Manifest({ROLE_ARN: {"id-1": "a"}, CONNECTION: {"id-1": "a", "id-2": "b"}}, flat=True, references=False)

    assert not save(tmp_path, again)
    assert (tmp_path / FILE).read_bytes() == before


def test_a_fresh_folder_remembers_nothing(tmp_path: Path) -> None:
    """Also one that does not exist."""
    assert load(tmp_path / "new") == Manifest()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"resources": [], "flat": true, "references": true}', '{"resources": {}, "flat": 1}'],
)
def test_a_file_that_cannot_be_understood_is_not_ignored(tmp_path: Path, content: str) -> None:
    """Other names would be other resources to Terraform: a person decides."""
    (tmp_path / FILE).write_text(content)

    with pytest.raises(Error) as caught:
        load(tmp_path)

    assert FILE in caught.value.detail


def test_a_name_that_could_not_be_one_is_forgotten(tmp_path: Path) -> None:
    """Names become paths of files."""
    (tmp_path / FILE).write_text(
        f'{{"resources": {{"{CONNECTION}": {{"id-1": "../up", "id-2": 5}}}}, "flat": true, "references": true}}'
    )

    assert load(tmp_path).names == {}
