"""The filter language of the Settings API. Source: docs/design/0008-sources.md#settings-get-objects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.tenant.filters import parse_filter, value_at
from dynatrace_sandbox.tenant.problems import Problem
from tests.dynatrace_sandbox.in_process import refusal_of, web_identity

FIELDS = {"author", "value", "created"}
ITEM: dict[str, Any] = {"author": "A", "created": 1700, "value": web_identity("it's a name")}


@pytest.mark.parametrize(
    "text",
    [
        "author = 'A'",
        "value.name = 'it\\'s a name'",
        "value.name = 'it''s a name'",
        "value.name != 'other'",
        "value.name starts-with 'it' and value.name ends-with 'name'",
        "value.name contains 's a'",
        "value.awsWebIdentity.roleArn = ''",
        "value.awsWebIdentity.consumers contains 'APP:dynatrace.aws.connector'",
        "value.name in ('x', 'it''s a name')",
        "created >= 1700 and created < 1701",
        "not value.name = 'x'",
        "value.name='x' or (author='A' and not (created = 1))",
        "value.name = 'x' AND value.name = 'y' OR author = 'A'",
        "((((( author = 'A' )))))",
        " author = 'A' ",
    ],
)
def test_a_filter_matches(text: str) -> None:
    """Comparisons, lists, and, or, not, parentheses; and binds closer than or."""
    assert parse_filter(text, FIELDS)(ITEM)


@pytest.mark.parametrize(
    "text",
    [
        "author = 'a'",
        "value.name = 'name'",
        "value.missing = 'x'",
        "value.name < 7",
        "value.name contains 7",
        "value.name in ('x', 'y')",
        "not (author = 'A')",
        "author = 'A' and created = 1",
    ],
)
def test_a_filter_does_not_match(text: str) -> None:
    """Texts are compared with case; a value that is missing or of another type does not match."""
    assert not parse_filter(text, FIELDS)(ITEM)


@pytest.mark.parametrize(
    "text",
    [
        "author",
        "author =",
        "= 'A'",
        "author = A",
        "author = 'A' and",
        "author = 'A' author = 'A'",
        "(author = 'A'",
        "author = 'A')",
        "author like 'A'",
        "author = 'A",
        "author = 1.5",
        "author in 'A'",
        "author in ('A'",
        "author = 'A' ; drop",
        "createdBy = 'A'",
        "objectId = 'A'",
        "value = 'A'",
        "created.x = 1",
        "((((((author = 'A'))))))",
        "author = '" + "A" * 1024 + "'",
    ],
)
def test_an_invalid_filter_is_refused(text: str) -> None:
    """400 for one that cannot be parsed, nests too deep, is too long, or names a field that it cannot use."""
    with pytest.raises(Problem) as refusal:
        parse_filter(text, FIELDS)

    assert refusal.value.code == 400
    assert refusal.value.violations[0].path == "filter"


@given(st.text(alphabet="()'\\ =<>!,andornotinvalue.contains17", max_size=40) | st.text(max_size=40))
def test_every_text_is_a_filter_or_refused(text: str) -> None:
    """No text breaks the parser."""
    assert refusal_of(lambda: parse_filter(text, FIELDS)(ITEM)) in (None, 400)


@given(st.text(max_size=200))
def test_every_name_can_be_filtered_by(name: str) -> None:
    """With backslashes and quotes escaped."""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")

    assert parse_filter(f"value.name = '{escaped}'", FIELDS)({"value": {"name": name}})


def test_a_path_leads_through_objects_only() -> None:
    """Anything else is None."""
    assert value_at(ITEM, "value.awsWebIdentity.roleArn") == ""
    assert value_at(ITEM, "value.name.x") is None
    assert value_at(ITEM, "nothing") is None
