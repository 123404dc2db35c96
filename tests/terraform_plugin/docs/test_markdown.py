"""Schemas and functions as Markdown."""

from __future__ import annotations

import pytest

from terraform_plugin import (
    Attribute,
    Block,
    Bool,
    DynamicType,
    Function,
    List,
    Map,
    Nested,
    Number,
    Object,
    Parameter,
    Schema,
    Set,
    String,
    Tuple,
    Type,
    timeouts,
)
from terraform_plugin.docs.markdown import (
    arguments_markdown,
    constraint,
    schema_markdown,
    signature_markdown,
    type_name,
)

SCHEMA = Schema(
    "A thing.",
    attributes={
        "size": Attribute(Number, "How large.", optional=True, default=3),
        "name": Attribute(String, "What it is called.", required=True),
        "id": Attribute(String, "Chosen by the server.", computed=True),
        "key": Attribute(String, "Unlocks it.", optional=True, sensitive=True),
        "pin": Attribute(String, "Never stored.", optional=True, write_only=True),
        "old": Attribute(Bool, "Whether it is old.", optional=True, deprecated="Use `size`."),
        "owner": Attribute(
            Nested("single", {"email": Attribute(String, "Where to write.", required=True)}),
            "Whose it is.",
            required=True,
        ),
    },
    blocks={
        "rule": Block(
            {"text": Attribute(String, "What it says.", optional=True)},
            {"part": Block({"n": Attribute(Number, "Which.", computed=True)}, description="A part.", nesting="set")},
            description="A rule.",
            min_items=1,
            max_items=2,
        ),
        "timeouts": timeouts(create="2m"),
    },
)
EXPECTED = """\
## Schema

### Required

- `name` (String) What it is called.
- `owner` (Attributes) Whose it is. (see [below for nested schema](#nestedatt--owner))
- `rule` (Block List, Min: 1, Max: 2) A rule. (see [below for nested schema](#nestedblock--rule))

### Optional

- `key` (String, Sensitive) Unlocks it.
- `old` (Boolean, Deprecated) Whether it is old. **Deprecated:** Use `size`.
- `pin` (String, Write-only) Never stored.
- `size` (Number) How large.
- `timeouts` (Block, Optional) How long operations may take. (see [below for nested schema](#nestedblock--timeouts))

### Read-Only

- `id` (String) Chosen by the server.

<a id="nestedatt--owner"></a>
### Nested Schema for `owner`

Required:

- `email` (String) Where to write.

<a id="nestedblock--rule"></a>
### Nested Schema for `rule`

Optional:

- `part` (Block Set) A part. (see [below for nested schema](#nestedblock--rule--part))
- `text` (String) What it says.

<a id="nestedblock--rule--part"></a>
### Nested Schema for `rule.part`

Read-Only:

- `n` (Number) Which.

<a id="nestedblock--timeouts"></a>
### Nested Schema for `timeouts`

Optional:

- `create` (String) How long create may take, such as "30s" or "2m". Default: "2m".
"""


def test_a_schema_becomes_the_sections_of_a_registry_page() -> None:
    """Sorted by name; what is nested has an anchor and a section of its own, below the outer ones."""
    assert schema_markdown(SCHEMA) + "\n" == EXPECTED


def test_an_empty_schema_has_no_sections() -> None:
    """Its page has only the text of its description."""
    assert schema_markdown(Schema("Nothing.")) == "## Schema"


@pytest.mark.parametrize(
    ("type_", "name", "written"),
    [
        (String, "String", "string"),
        (Bool, "Boolean", "bool"),
        (Number, "Number", "number"),
        (DynamicType, "Dynamic", "any"),
        (Set(String), "Set of String", "set(string)"),
        (List(Map(Number)), "List of Map of Number", "list(map(number))"),
        (Object({"a": String, "b": List(Bool)}), "Object", "object({ a = string, b = list(bool) })"),
        (Tuple((String, Number)), "Tuple", "tuple([string, number])"),
    ],
)
def test_a_type_has_a_name_for_pages_and_a_form_for_configurations(type_: Type, name: str, written: str) -> None:
    """The first is read, the second could be written."""
    assert (type_name(type_), constraint(type_)) == (name, written)


class Join(Function):
    name = "join_all"
    summary = "Joins"
    description = "Joins texts."
    parameters = (
        Parameter("separator", String, "What stands between."),
        Parameter("first", Set(String), "Some.", allow_null=True),
    )
    variadic = Parameter("texts", String, "The others.")
    returns = String


def test_a_function_shows_its_signature() -> None:
    """With types as a configuration writes them."""
    call = "join_all(separator string, first set(string), texts string...) string"
    assert signature_markdown(Join) == f"## Signature\n\n```text\n{call}\n```"


def test_a_function_lists_its_arguments() -> None:
    """Numbered; what may be null or repeated says so."""
    assert arguments_markdown(Join).splitlines()[2:] == [
        "1. `separator` (String) What stands between.",
        "2. `first` (Set of String, Nullable) Some.",
        "3. `texts` (Variadic, String) The others.",
    ]
