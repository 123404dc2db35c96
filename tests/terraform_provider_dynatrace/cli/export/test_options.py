"""The words after `-export`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from terraform_plugin import Error
from terraform_plugin.command_line import two_dashes
from terraform_provider_dynatrace.cli.export import options
from terraform_provider_dynatrace.cli.export.options import ACCEPTED, FLAGS, Options, parser, selection
from terraform_provider_dynatrace.cli.export.resources import TYPES
from tests.terraform_provider_dynatrace.cli.export.exporting import CONNECTION, PERMISSIONS, ROLE_ARN


def parse(words: Sequence[str], environ: Mapping[str, str]) -> Options:
    return options.parse(two_dashes(words), environ)


def test_without_arguments_everything_is_exported_to_the_folder_configuration() -> None:
    """The official defaults: all types, modules, literal ids, terraform init at the end."""
    found = parse([], {})

    assert found.folder == Path("configuration")
    assert all(found.selection.takes_all(name) for name in TYPES)
    assert (found.flat, found.references, found.ids, found.init, found.import_state) == (
        *(False, False, False),
        *(True, False),
    )
    assert found.notes == ()


@pytest.mark.parametrize("dashes", ["-", "--"])
def test_flags_have_one_dash_or_two_and_may_stand_anywhere(dashes: str) -> None:
    """As in Go's flag package, and beyond it: a flag after a name is not taken for a name."""
    words = [f"{dashes}ref", CONNECTION, f"{dashes}flat", f"{dashes}id", f"{dashes}skip-terraform-init", ROLE_ARN]

    found = parse(words, {"DYNATRACE_TARGET_FOLDER": "elsewhere"})

    assert (found.references, found.flat, found.ids, found.init) == (True, True, True, False)
    assert found.folder == Path("elsewhere")
    assert found.selection.ids == {CONNECTION: None, ROLE_ARN: None}


def test_flags_that_do_nothing_here_are_accepted_with_a_note() -> None:
    """A command line for the official provider works; -migrate is -ref here."""
    found = parse(["-migrate", "-link", "-list-exclusions"], {})

    assert found.references
    assert [note.partition(":")[0] for note in found.notes] == ["-migrate", "-link", "-list-exclusions"]


@pytest.mark.parametrize(
    ("word", "says"), [("-re", "Did you mean -ref?"), ("--falt", "-flat"), ("-x", "-export -help")]
)
def test_a_flag_that_does_not_exist_is_refused(word: str, says: str) -> None:
    """Not taken for another one that begins alike; the nearest one is named."""
    with pytest.raises(Error, match="Unknown flag") as caught:
        parse([word], {})

    assert says in caught.value.detail


@pytest.mark.parametrize("words", [["-source", "example/dynatrace"], ["--source=example/dynatrace"]])
def test_the_provider_may_be_installed_under_another_address(words: list[str]) -> None:
    """The address is written into the configuration."""
    assert parse(words, {}).source == "example/dynatrace"


def test_a_flag_can_be_switched_off() -> None:
    """As in Go's flag package."""
    assert not parse(["-flat=false"], {}).flat
    assert parse(["-flat=true"], {}).flat


def test_the_help_names_every_flag_and_resource() -> None:
    """Also those without effect. Each flag has one dash, as in the official provider."""
    text = parser().format_help()

    for word in (*(f"  -{flag} " for flag in (*FLAGS, *ACCEPTED, "source", "help")), *TYPES):
        assert word in text


@pytest.mark.parametrize(
    ("words", "exclude", "takes", "not_"),
    [
        ([], False, [(CONNECTION, "a"), (PERMISSIONS, "b")], []),
        (["*"], False, [(CONNECTION, "a"), (PERMISSIONS, "b")], []),
        ([CONNECTION], False, [(CONNECTION, "a")], [(ROLE_ARN, "a")]),
        ([f"{CONNECTION}=a,b"], False, [(CONNECTION, "a"), (CONNECTION, "b")], [(CONNECTION, "c"), (ROLE_ARN, "a")]),
        ([f"{CONNECTION}=a", f"{CONNECTION}= b ,"], False, [(CONNECTION, "a"), (CONNECTION, "b")], [(CONNECTION, "c")]),
        ([f"{CONNECTION}=a", CONNECTION], False, [(CONNECTION, "c")], []),
        ([CONNECTION, f"{CONNECTION}=a"], False, [(CONNECTION, "c")], []),
        ([CONNECTION], True, [(ROLE_ARN, "a")], [(CONNECTION, "a")]),
        ([f"{CONNECTION}=a"], True, [(ROLE_ARN, "a"), (CONNECTION, "b")], [(CONNECTION, "a")]),
    ],
)
def test_resources_are_named_by_type_or_by_id(
    words: list[str], *, exclude: bool, takes: list[tuple[str, str]], not_: list[tuple[str, str]]
) -> None:
    """Several words of one type add up; -exclude turns the meaning round."""
    chosen = selection(words, exclude=exclude)

    assert [chosen.takes(*one) for one in takes] == [True] * len(takes)
    assert [chosen.takes(*one) for one in not_] == [False] * len(not_)


@pytest.mark.parametrize(
    ("words", "exclude", "any_", "all_"),
    [
        ([], False, [True, True], [True, True]),
        ([CONNECTION], False, [True, False], [True, False]),
        ([f"{CONNECTION}=a"], False, [True, False], [False, False]),
        ([CONNECTION], True, [False, True], [False, True]),
        ([f"{CONNECTION}=a"], True, [True, True], [False, True]),
    ],
)
def test_a_type_is_meant_in_part_as_a_whole_or_not_at_all(
    words: list[str], *, exclude: bool, any_: list[bool], all_: list[bool]
) -> None:
    """What is not meant need not be read; what is meant as a whole may lose files."""
    chosen = selection(words, exclude=exclude)

    assert [chosen.takes_any(name) for name in (CONNECTION, ROLE_ARN)] == any_
    assert [chosen.takes_all(name) for name in (CONNECTION, ROLE_ARN)] == all_


def test_resources_that_are_selected_by_id_are_listed() -> None:
    """So that a missing one can be reported; what is excluded by id need not be there."""
    assert selection([f"{CONNECTION}=b,a", ROLE_ARN]).by_id() == [(CONNECTION, "a"), (CONNECTION, "b")]
    assert selection([f"{CONNECTION}=b"], exclude=True).by_id() == []


@pytest.mark.parametrize(
    ("words", "exclude", "says"),
    [
        (["dynatrace_dashboard"], False, "dynatrace_aws_connection_role_arn"),
        ([f"{CONNECTION}="], False, "has no ID"),
        ([f"{CONNECTION}=,"], False, "has no ID"),
        ([], True, "after -exclude"),
    ],
)
def test_a_mistake_says_what_would_be_right(words: list[str], *, exclude: bool, says: str) -> None:
    """An unknown resource lists the known ones."""
    with pytest.raises(Error) as caught:
        selection(words, exclude=exclude)

    assert says in caught.value.detail


def test_a_tilde_in_the_target_folder_is_the_home_folder() -> None:
    """The variable may come from a file, where no shell expands it."""
    assert parse([], {"DYNATRACE_TARGET_FOLDER": "~/exports"}).folder == Path.home() / "exports"


def test_a_flag_without_its_value_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """The usage is printed, and the exit status is 64."""
    with pytest.raises(SystemExit) as ended:
        parse(["-source"], {})

    assert ended.value.code == 64
    assert "expected one argument" in capsys.readouterr().err
