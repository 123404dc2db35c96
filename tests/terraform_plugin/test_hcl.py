"""Configuration out of values: what is written, how it looks, and that Terraform reads the same values back."""

import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from terraform_plugin import (
    UNKNOWN,
    Attribute,
    Block,
    Bool,
    Dynamic,
    List,
    Map,
    Nested,
    Number,
    Schema,
    Set,
    String,
    hcl,
)
from terraform_plugin.cty.types import Value
from terraform_plugin.hcl import Argument, Comment, Expression, configuration, literal, quoted, render
from terraform_plugin.testing import find_binary

TEXTS = [
    *(
        "",
        "plain",
        'with "quotes"',
        "back\\slash",
        "several\nlines\r\n\tand a tab",
        "$",
        "%",
        "$$",
        "{",
        "$ {",
        "\\u007b",
    ),
    *("${a}", "$${a}", "$$${a}", "%{if}", "%%{if}", "$%{a}", "%${a}", "$\\{a}", "${a}${b}", "{$}", "a$", "a$${"),
    *("\x00\x07\x7f", "ünïcödé 接続 🔗", "\ufeff\u2028\u200b", "\U000e0001", "\u202eright to left"),
]
VALUES: list[Value] = [
    None,
    True,
    0,
    -12,
    10**30,
    Decimal("0.1"),
    Decimal("1E-7"),
    [],
    {},
    ["one", "two"],
    [["a", "b"], []],
    ["x" * 60, "y" * 60],
    {"plain": 1, "longer-name": "x", "with space": None, "for": [1, 2], "true": True, "null": False, "1st": "digit"},
    {"länger": 1, "接続": 2, "🔗": 3, "${a}": 4, 'qu"ote': 5, "a" * 70: 6},
    {"deep": {"list": [{"a": 1, "bcd": ["x" * 100]}, {}]}, "short": 1},
    Dynamic(List(String), ["a"]),
]


def outputs(values: list[Value]) -> str:
    blocks = [hcl.Block("output", (f"o{index}",), [Argument("value", value)]) for index, value in enumerate(values)]
    return render(blocks)


def plain(value: Value) -> Any:
    """Return a value as `terraform output -json` has it."""
    match value:
        case Dynamic():
            return plain(value.value)
        case Decimal():
            return float(value)
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
    return value


def terraform(folder: Path, *arguments: str) -> str:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "CHECKPOINT_DISABLE": "1"}
    ended = subprocess.run(
        [find_binary(), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_terraform_reads_back_every_value_and_changes_no_space(tmp_path: Path) -> None:
    """Quotes, templates, control characters, numbers, keys of any kind; `terraform fmt` has nothing to do."""
    values = [*TEXTS, *VALUES]
    (tmp_path / "main.tf").write_text(outputs(values), encoding="utf-8")

    terraform(tmp_path, "fmt", "-check", "-diff")
    terraform(tmp_path, "apply", "-auto-approve", "-no-color")
    read = json.loads(terraform(tmp_path, "output", "-json"))

    found = {int(name[1:]): output["value"] for name, output in read.items()}
    assert found == {index: plain(value) for index, value in enumerate(values) if value is not None}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("${a}", '"$${a}"'),
        ("$${a}", '"$$\\u007ba}"'),
        ('say "hi"\n', '"say \\"hi\\"\\n"'),
        ("\x7f\u202e", '"\\u007f\\u202e"'),
        ("接続", '"接続"'),
    ],
)
def test_a_string_shows_every_character(text: str, written: str) -> None:
    """What can be read stays as it is; what cannot be seen is written as a number."""
    assert quoted(text) == written


def test_a_comment_cannot_end_before_its_text_does() -> None:
    """Every line of it begins with its sign, and what cannot be seen is written as a number."""
    text = "one\ntwo\r\nthree\x1b[31m red\u2028four"

    assert render([Comment(text)]) == "# one\n# two\n# three\\u001b[31m red\n# four\n"


def test_an_unknown_value_cannot_be_written() -> None:
    """It would be a guess."""
    with pytest.raises(ValueError, match="unknown"):
        literal([UNKNOWN])


def test_an_object_of_another_type_is_not_a_value() -> None:
    """A mistake of the caller is not written into a configuration."""
    with pytest.raises(TypeError, match="bytes"):
        literal(b"text")


SERVER = Schema(
    "A server.",
    attributes={
        "id": Attribute(String, "Its id.", computed=True),
        "name": Attribute(String, "Its name.", required=True),
        "size": Attribute(Number, "Its size.", optional=True, default=1),
        "network_id": Attribute(String, "Its network.", optional=True),
        "zones": Attribute(Set(String), "Its zones.", optional=True),
        "tags": Attribute(Map(String), "Its tags.", optional=True),
        "password": Attribute(String, "Its password.", optional=True, sensitive=True),
        "token": Attribute(String, "Never kept.", optional=True, write_only=True),
        "image": Attribute(
            Nested(
                "single",
                {
                    "name": Attribute(String, "Its name.", required=True),
                    "checksum": Attribute(String, "Found out.", computed=True),
                    "public": Attribute(Bool, "Is it?", optional=True),
                },
            ),
            "What it runs.",
            optional=True,
        ),
        "mirrors": Attribute(
            Nested("set", {"url": Attribute(String, "Where.", required=True)}), "More images.", optional=True
        ),
        "disks": Attribute(
            Nested("map", {"gigabytes": Attribute(Number, "How many.", required=True)}), "By name.", optional=True
        ),
    },
    blocks={
        "rule": Block({"port": Attribute(Number, "Which.", required=True)}, nesting="set"),
        "alias": Block({"name": Attribute(String, "Which.", optional=True)}),
        "volume": Block({"gigabytes": Attribute(Number, "How many.", required=True)}, nesting="map"),
        "limits": Block({"cpu": Attribute(Number, "How many.", optional=True)}, nesting="group"),
        "timeouts": Block({"create": Attribute(String, "How long.", optional=True)}, nesting="single"),
    },
)
STATE: dict[str, Value] = {
    "id": "an-id",
    "name": "front",
    "size": 1,
    "network_id": "net-1",
    "zones": ["b", "a"],
    "tags": {"team": "web"},
    "password": "hunter2",
    "token": None,
    "image": {"name": "small", "checksum": "123", "public": None},
    "mirrors": [{"url": "https://b"}, {"url": "https://a"}],
    "disks": {"root": {"gigabytes": 8}},
    "rule": [{"port": 443}, {"port": 80}],
    "alias": [{"name": "one"}, {"name": None}],
    "volume": {"data": {"gigabytes": 20}},
    "limits": {"cpu": None},
    "timeouts": None,
}
WRITTEN = """\
# Exported.
resource "cloud_server" "front" {
  name       = "front"
  network_id = cloud_network.main.id
  zones      = ["a", "b"]
  tags = {
    team = "web"
  }
  # password is sensitive: its value is not written here.
  image = {
    name = "small"
  }
  mirrors = [
    {
      url = "https://a"
    },
    {
      url = "https://b"
    },
  ]
  disks = {
    root = {
      gigabytes = 8
    }
  }

  rule {
    port = 443
  }

  rule {
    port = 80
  }

  alias {
    name = "one"
  }

  alias {
  }

  volume "data" {
    gigabytes = 20
  }
}
"""


def test_a_state_becomes_what_a_user_would_write(tmp_path: Path) -> None:
    """Blocks and nested attributes of every nesting; no computed value, default or secret; sets sorted."""
    items = configuration(SERVER, STATE, {"network_id": Expression("cloud_network.main.id")})

    text = render([Comment("Exported."), hcl.Block("resource", ("cloud_server", "front"), items)])

    assert text == WRITTEN
    (tmp_path / "main.tf").write_text(text)
    terraform(tmp_path, "fmt", "-check")


def test_a_single_block_and_a_group_are_written_where_they_say_something() -> None:
    """An empty group is not written; a single block is written once."""
    values = {"name": "front", "limits": {"cpu": 2}, "timeouts": {"create": "5m"}}

    assert render(configuration(SERVER, values)) == (
        'name = "front"\n\nlimits {\n  cpu = 2\n}\n\ntimeouts {\n  create = "5m"\n}\n'
    )


def test_the_order_of_a_set_does_not_change_the_text() -> None:
    """The same state gives the same file."""
    turned = STATE | {name: list(reversed(STATE[name])) for name in ("zones", "mirrors", "rule")}

    assert configuration(SERVER, turned) == configuration(SERVER, STATE)


def test_neighbours_are_aligned_up_to_what_has_several_lines() -> None:
    """The formatter's columns end at a comment, a block, and a value of several lines."""
    items: list[hcl.Item] = [
        Argument("a", 1),
        Argument("long_name", 2),
        Argument("object", {"k": 1}),
        Argument("b", 3),
        Comment("why"),
        Argument("other_name", 4),
    ]

    assert render(items) == ("a         = 1\nlong_name = 2\nobject = {\n  k = 1\n}\nb = 3\n# why\nother_name = 4\n")
