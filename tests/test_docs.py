"""The documentation: current, complete, and made of what is tested."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dynatrace_sandbox.tenant.credentials import OBJECTS_READ, OBJECTS_WRITE, READ, WRITE
from dynatrace_sandbox.tenant.releases import load_schemas
from terraform_plugin import Attribute, Block, DataSource, Nested, Resource, Schema, String
from terraform_plugin.docs.pages import Sources, pages, stale
from terraform_plugin.schema import Body
from terraform_provider_aws_iam.provider import AwsProvider
from terraform_provider_dynatrace.cli.export.options import FLAGS
from terraform_provider_dynatrace.client.apis import EXTENSION_DEFINITIONS, MONITORING_CONFIGURATIONS
from terraform_provider_dynatrace.provider import DynatraceProvider
from tests.examples import applied
from tests.examples.applied import APPLIED

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
TEMPLATES = ROOT / "templates"
PAGES = pages(DynatraceProvider, Sources(TEMPLATES, ROOT))
OFFICIAL = json.loads((ROOT / "tests/acceptance/golden/official_single.json").read_text())
SEED_SECTIONS = [
    "# dynatrace_aws_connection (Resource)",
    "## Requirements",
    "## Limitations",
    "## Dynatrace Documentation",
    "## Export Example Usage",
    "## Resource Example Usage",
    "## Schema",
    "### Required",
    "### Optional",
    "### Read-Only",
    "### Nested Schema for `role_based_auth`",
    "### Nested Schema for `web_identity`",
    "## Import",
]


def test_every_page_is_current() -> None:
    """`make docs` writes them from schemas, templates and examples."""
    assert stale(PAGES, DOCS) == []


def test_everything_has_a_page() -> None:
    """Each resource, data source, list resource and function, and the provider itself."""
    kinds: tuple[type[Resource | DataSource], ...] = (
        *DynatraceProvider.resources,
        *DynatraceProvider.data_sources,
    )
    full_names = [kind.type_name for kind in kinds]
    full_names += [listed.resource.type_name for listed in DynatraceProvider.list_resources]
    names = [name.removeprefix("dynatrace_") for name in full_names]
    names += [function.name for function in DynatraceProvider.functions]
    assert sorted(["index", *names]) == sorted(Path(page).stem for page in PAGES if not page.startswith("guides/"))


def undescribed(body: Body) -> Iterator[str]:
    """Yield the path of each attribute and block, at any depth, that has no description."""
    for name, member in body.members.items():
        if not member.description.strip():
            yield name
        if member.nested is not None:
            yield from (f"{name}.{inner}" for inner in undescribed(member.nested))


def test_a_missing_description_is_found_at_any_depth() -> None:
    """In blocks, too, and in attributes inside nested attributes."""
    blank = Attribute(String, " ", optional=True)
    nested = Attribute(Nested("list", {"inner": blank}), "Described.", optional=True)
    schema = Schema(
        "thing",
        attributes={"a": blank, "b": nested},
        blocks={"c": Block({"d": blank}), "e": Block(description="Described.")},
    )
    assert list(undescribed(schema)) == ["a", "b.inner", "c", "c.d"]


@pytest.mark.parametrize("provider", [DynatraceProvider, AwsProvider])
def test_every_attribute_block_and_parameter_has_a_description(provider: type[DynatraceProvider | AwsProvider]) -> None:
    """At any depth: what a page, an editor or `terraform providers schema` shows."""
    kinds = (*provider.resources, *provider.data_sources, *provider.list_resources)
    schemas = {kind.__name__: kind.schema for kind in kinds}
    missing = [
        f"{name}: {path}"
        for name, schema in {"provider": provider.schema, **schemas}.items()
        for path in undescribed(schema)
    ]
    for function in provider.functions:
        parameters = [parameter for parameter in (*function.parameters, function.variadic) if parameter]
        missing += [f"{function.name}: {one.name}" for one in parameters if not one.description.strip()]
        missing += [] if function.summary.strip() and function.description.strip() else [function.name]
    assert missing == []


@pytest.mark.parametrize(
    ("page", "scopes"),
    [
        (
            "resources/aws_monitoring_configuration.md",
            [*MONITORING_CONFIGURATIONS.scopes.values(), EXTENSION_DEFINITIONS.scopes["read"]],
        ),
        ("data-sources/aws_monitoring_options.md", [EXTENSION_DEFINITIONS.scopes["read"]]),
        ("list-resources/aws_monitoring_configuration.md", [MONITORING_CONFIGURATIONS.scopes["read"]]),
    ],
)
def test_a_page_names_the_scopes_of_the_api_that_is_used(page: str, scopes: list[str]) -> None:
    """What uses the Extensions API does not work with the scopes for settings."""
    assert [scope for scope in scopes if f"`{scope}`" not in PAGES[page]] == []
    assert "settings.read" not in PAGES[page]
    assert "API tokens cannot be used for it" in PAGES[page]


def test_the_page_of_the_connection_has_the_sections_of_the_official_one() -> None:
    """In its order, so that who knows that one finds everything."""
    text = re.sub(r"```.*?```", "", PAGES["resources/aws_connection.md"], flags=re.DOTALL)

    assert re.findall(r"^#+ .*$", text, re.MULTILINE) == SEED_SECTIONS


@pytest.mark.parametrize("name", ["aws_connection", "aws_connection_role_arn"])
def test_a_page_lists_the_attributes_that_the_official_provider_saves(name: str) -> None:
    """The same as in its state, at every level: neither provider's configuration has one that the other rejects."""
    resources = [resource for resource in OFFICIAL["resources"] if resource["type"] == f"dynatrace_{name}"]
    saved = [path for resource in resources for one in resource["instances"] for path in paths(one["attributes"])]

    assert saved != []
    assert listed(PAGES[f"resources/{name}.md"]) == set(saved)


def paths(state: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the attributes of a state, and those of its blocks: `name`, `block.name`."""
    for name, value in state.items():
        yield prefix + name
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from paths(inner, f"{prefix}{name}.")


def listed(page: str) -> set[str]:
    """Return the attributes in the schema of a page, in the same form."""
    _, *sections = re.split(r"^### (.*)\n", page.partition("\n## Schema")[2], flags=re.MULTILINE)
    found = set()
    for title, text in zip(sections[::2], sections[1::2], strict=True):
        nested = re.match(r"Nested Schema for `(.*)`", title)
        names = re.findall(r"^- `(\w+)` \(", text, re.MULTILINE)
        found |= {f"{nested[1]}.{name}" if nested else name for name in names}
    return found


def test_the_page_of_the_connection_names_what_the_sandbox_asks_for() -> None:
    """Every scope that reading and writing needs, for both kinds of API, and the schema of the settings object."""
    page = PAGES["resources/aws_connection.md"]

    assert [scope for scope in (READ, WRITE, OBJECTS_READ, OBJECTS_WRITE) if f"(`{scope}`)" not in page] == []
    assert set(re.findall(r"schemaId: `(.*)`", page)) == load_schemas().keys()


def test_configuration_in_pages_comes_from_files_that_are_applied() -> None:
    """No template has HCL of its own, and every example is applied by a test."""
    own = [file.name for file in TEMPLATES.rglob("*.md") if re.search(r"```(terraform|hcl)", file.read_text())]
    files = [file for pattern in ("*.tf", "*.tfquery.hcl") for file in (ROOT / "examples").rglob(pattern)]
    examples = {file.relative_to(ROOT / "examples").as_posix() for file in files}

    assert own == []
    assert examples == set(APPLIED)
    assert [test for test in APPLIED.values() if not (ROOT / test).exists()] == []


@pytest.mark.parametrize("example", APPLIED)
def test_an_example_is_named_by_the_test_that_applies_it(example: str) -> None:
    """By its constant in `applied.py`, or by its folder."""
    held = {name: paths if isinstance(paths, tuple) else (paths,) for name, paths in vars(applied).items()}
    words = [name for name, paths in held.items() if example in paths] + [Path(example).parent.name]

    text = (ROOT / APPLIED[example]).read_text()
    assert [word for word in words if re.search(rf"\b{word}\b", text)] != []


def test_the_export_guide_knows_every_flag() -> None:
    """Those with an effect, and no others."""
    flags = {f"-{flag}" for flag in (*FLAGS, "source")}

    assert set(re.findall(r"^\| `(-[a-z-]+)[ `]", PAGES["guides/export.md"], re.MULTILINE)) == flags


@pytest.mark.parametrize("page", sorted(PAGES))
def test_links_between_pages_are_valid(page: str) -> None:
    """To a page that there is, and a heading or anchor in it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[page]):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = (Path(page).parent / path).as_posix() if path else page
        resolved = Path("/", there).resolve().relative_to("/").as_posix()
        assert resolved in PAGES, f"{page}: {target}"
        assert not anchor or anchor in anchors(PAGES[resolved]), f"{page}: {target}"


def anchors(text: str) -> set[str]:
    """Return what a link into a page may name: its anchors, and its headings as the registry writes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {*re.findall(r'<a id="([^"]+)">', text), *(re.sub(r"\W+", "-", one.lower()).strip("-") for one in headings)}


def test_everything_public_in_the_source_has_a_docstring() -> None:
    """Modules, classes and functions."""
    missing = []
    for file in (ROOT / "src").rglob("*.py"):
        tree = ast.parse(file.read_text())
        if "_protocol" in file.parts or not tree.body:
            continue
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        public = [node for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
        missing += [
            f"{file.name}: {getattr(node, 'name', 'module')}" for node in (tree, *public) if not ast.get_docstring(node)
        ]
    assert missing == []
