"""What of all that was found is exported, and what stays from earlier exports."""

from pathlib import Path

import pytest

from terraform_plugin import Error
from terraform_plugin.command_line import two_dashes
from terraform_provider_dynatrace.cli.export.instances import Instance
from terraform_provider_dynatrace.cli.export.layout import Layout
from terraform_provider_dynatrace.cli.export.manifest import Manifest
from terraform_provider_dynatrace.cli.export.options import Options, parse
from terraform_provider_dynatrace.cli.export.selection import not_found, select
from terraform_provider_dynatrace.settings.model import SettingsObject
from tests.terraform_provider_dynatrace.cli.export.exporting import CONNECTION, ROLE_ARN, instances, web_identity

FOUND = [
    instance
    for number in (1, 2, 3)
    for instance in instances(SettingsObject(f"object-{number}", web_identity(f"connection {number}")))
]
REMEMBERED = Manifest(
    {CONNECTION: {"object-1": "first", "object-9": "ninth"}, ROLE_ARN: {"object-1": "first"}},
    flat=False,
    references=False,
)


def asked(*words: str) -> Options:
    return parse(two_dashes(words), {})


def pairs(found: list[Instance]) -> list[tuple[str, str]]:
    return sorted((one.type_name, one.id[-1]) for one in found)


@pytest.mark.parametrize(
    ("words", "exported"),
    [
        ([f"{CONNECTION}=object-2"], [(CONNECTION, "2")]),
        ([f"{ROLE_ARN}=object-2"], [(ROLE_ARN, "2")]),
        (["-ref", f"{ROLE_ARN}=object-2"], [(CONNECTION, "2"), (ROLE_ARN, "2")]),
        (["-ref", f"{CONNECTION}=object-2"], [(CONNECTION, "2")]),
        (["-ref", "-exclude", CONNECTION], [(ROLE_ARN, "1"), (ROLE_ARN, "2"), (ROLE_ARN, "3")]),
        (["-ref", "-datasources", f"{ROLE_ARN}=object-2"], [(ROLE_ARN, "2")]),
    ],
)
def test_references_bring_what_they_refer_to(words: list[str], exported: list[tuple[str, str]]) -> None:
    """Unless it is excluded, or looked up by a data source."""
    assert pairs([*select(FOUND, asked(*words), Manifest()).exported]) == exported


def test_a_connection_and_its_role_arn_have_one_name() -> None:
    """Also where one of them was exported earlier under that name."""
    contents = select(FOUND, asked(), REMEMBERED)

    assert contents.names["object-1"] == "first"
    assert contents.resources[CONNECTION] == {
        "object-1": "first",
        "object-2": "connection_2",
        "object-3": "connection_3",
    }
    assert contents.resources[ROLE_ARN] == contents.resources[CONNECTION]


def test_what_an_export_is_not_about_stays() -> None:
    """In the root module, and on the disk; what it is about and is gone goes."""
    contents = select(FOUND, asked(f"{CONNECTION}=object-2"), REMEMBERED)
    is_obsolete = contents.is_obsolete(Layout("", flat=True))

    assert contents.kept[CONNECTION] == {"object-1": "first", "object-9": "ninth"}
    assert contents.resources[CONNECTION] == {"object-1": "first", "object-9": "ninth", "object-2": "connection_2"}
    assert not is_obsolete("first.aws_connection.tf")
    assert is_obsolete("unknown.aws_connection.tf")


def test_an_export_of_everything_removes_missing_resources() -> None:
    """object-9 was exported once and is not in Dynatrace any more: its name is free again."""
    contents = select(FOUND, asked(), REMEMBERED)

    assert "object-9" not in contents.names
    assert contents.is_obsolete(Layout(""))("modules/aws_connection/ninth.aws_connection.tf")


@pytest.mark.parametrize(
    ("words", "goes"),
    [([], True), ([CONNECTION], True), ([ROLE_ARN], False), ([f"{CONNECTION}=object-1"], False)],
)
def test_flawed_files_go_when_their_whole_type_is_exported(words: list[str], *, goes: bool) -> None:
    """Nothing remembers what they belong to."""
    is_obsolete = select(FOUND, asked(*words), REMEMBERED).is_obsolete(Layout(""))

    assert is_obsolete(".flawed/some.aws_connection.tf") is goes


def test_a_new_name_avoids_those_that_stay() -> None:
    """Otherwise one file would hold two resources."""
    remembered = Manifest({CONNECTION: {"object-9": "Connection_2"}}, flat=False, references=False)

    contents = select(FOUND, asked(f"{CONNECTION}=object-2"), remembered)

    assert contents.names["object-2"].startswith("connection_2_")


@pytest.mark.parametrize("words", [["-flat"], ["-ref"]])
def test_a_part_cannot_be_laid_out_in_another_way_than_the_rest(words: list[str]) -> None:
    """Everything can: then nothing of the old form is left."""
    with pytest.raises(Error, match="different flags") as caught:
        select(FOUND, asked(*words, f"{CONNECTION}=object-2"), REMEMBERED)

    assert "without -flat and -ref" in caught.value.detail
    assert str(Path("configuration")) in caught.value.detail
    assert select(FOUND, asked(*words), REMEMBERED).kept == {
        name: {} for name in select(FOUND, asked(), Manifest()).kept
    }


def test_an_id_that_is_not_there_is_reported() -> None:
    """By its type: a connection may be there and have no role ARN."""
    selection = asked(f"{CONNECTION}=object-1,object-8", f"{ROLE_ARN}=object-8").selection

    first, second = not_found(FOUND, selection)

    assert first.startswith(f"{CONNECTION}=object-8: it does not exist, or")
    assert second.startswith(f"{ROLE_ARN}=object-8: ")
