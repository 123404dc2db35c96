"""Names for resources and files."""

import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_provider_dynatrace.cli.export.names import MAX_LENGTH, identifier, is_name, names
from tests.terraform_plugin import profiles  # noqa: F401  # whoever draws, draws that much


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("production", "production"),
        ("AWS connection name", "AWS_connection_name"),
        ("prod-eu.central/1", "prod-eu_central_1"),
        ("  several   blanks  ", "several_blanks"),
        ("Zürich Ångström", "Zurich_Angstrom"),
        ("接続 production", "production"),
        ("接続", "unnamed"),
        ("🔗🔗🔗", "unnamed"),
        ("___", "unnamed"),
        ("1st account", "_1st_account"),
        ("-dash", "dash"),
        ("null", "_null"),
        ("For", "_For"),
        ("con", "_con"),
        ("COM1", "_COM1"),
        ('${"quoted"}\n', "quoted"),
        ("../../etc/passwd", "etc_passwd"),
        ("a" * 100, "a" * 100),
        ("a" * 300, "a" * MAX_LENGTH),
    ],
)
def test_any_text_becomes_a_valid_name(text: str, name: str) -> None:
    """For Terraform and for every file system: ASCII, no digit first, no reserved word, not too long."""
    assert identifier(text) == name
    assert is_name(name)


def digest(object_id: str) -> str:
    return hashlib.sha256(object_id.encode()).hexdigest()[:6]


TEXTS = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=12), max_size=12)


@given(TEXTS)
def test_names_are_valid_unique_in_any_case_and_independent_of_order(texts: dict[str, str]) -> None:
    """Whatever objects are called, and however they are listed."""
    found = names(texts, {})

    assert found.keys() == texts.keys()
    assert all(map(is_name, found.values()))
    assert len({name.lower() for name in found.values()}) == len(texts)
    assert names(dict(reversed(texts.items())), {}) == found


@given(TEXTS, TEXTS)
def test_a_name_once_given_stays(before: dict[str, str], after: dict[str, str]) -> None:
    """Whatever the object is called later, and whatever else appears."""
    known = names(before, {})

    found = names(before | after, known)

    assert {object_id: found[object_id] for object_id in before} == known
    assert len({name.lower() for name in found.values()}) == len(found)


def test_texts_that_become_the_same_name_get_their_ids() -> None:
    """The names "A b" and "a_b" differ in Dynatrace and would be one file on a Mac."""
    found = names({"id-1": "A b", "id-2": "a_b", "id-3": "other"}, {})

    assert found == {"id-1": "A_b_" + digest("id-1"), "id-2": "a_b_" + digest("id-2"), "id-3": "other"}


def test_a_taken_name_is_avoided() -> None:
    """Resources of earlier exports keep theirs."""
    assert names({"id-1": "Production"}, {}, ["production"])["id-1"].startswith("Production_")


@pytest.mark.parametrize("known", ["../escape", "", "1st", "a b", "x" * 300])
def test_a_name_that_could_not_be_one_is_not_believed(known: str) -> None:
    """What was remembered may have been edited by hand."""
    assert names({"id-1": "production"}, {"id-1": known}) == {"id-1": "production"}


def test_two_objects_with_the_same_remembered_name_get_different_names() -> None:
    """The first keeps it."""
    found = names({"id-1": "a", "id-2": "b"}, {"id-1": "same", "id-2": "Same"})

    assert found == {"id-1": "same", "id-2": "b"}


def test_many_equal_texts_stay_apart() -> None:
    """A hundred objects whose names have no letter."""
    found = names({f"id-{number}": "接続" for number in range(100)}, {})

    assert all(one.lower() != other.lower() for one, other in itertools.combinations(found.values(), 2))
