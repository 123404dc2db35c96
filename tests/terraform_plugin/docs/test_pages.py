"""A provider's documentation, page by page."""

from __future__ import annotations

from pathlib import Path

import pytest

from terraform_plugin import (
    Attribute,
    DataSource,
    Function,
    ListResource,
    Parameter,
    Provider,
    Resource,
    Schema,
    String,
)
from terraform_plugin.docs.pages import Sources, TemplateError, pages, stale, write


class Thing(Resource):
    type_name = "x_thing"
    identity = ("name",)
    schema = Schema("A thing.", attributes={"name": Attribute(String, "Its name.", required=True)})


class Other(Resource):
    type_name = "x_other"
    schema = Schema("Another.")


class Lookup(DataSource):
    type_name = "x_lookup"
    schema = Schema("Finds things.")


class Things(ListResource):
    resource = Thing
    schema = Schema("Lists things.")


class Shout(Function):
    name = "shout"
    summary = "Shouts"
    description = "Says it louder."
    parameters = (Parameter("text", String, "What to say."),)


class XProvider(Provider):
    name = "x"
    schema = Schema("Things.", attributes={"url": Attribute(String, "Where.", optional=True)})
    resources = (Thing, Other)
    data_sources = (Lookup,)
    list_resources = (Things,)
    functions = (Shout,)


FILES = {
    "templates/index.md": "# X\n\n{{ schema }}\n",
    "templates/resource.md": "# {{ name }}\n\n{{ description }}\n\n{{ example }}\n\n{{ schema }}\n\n{{ import }}\n",
    "templates/data-source.md": "# {{ name }}\n\n{{ example }}\n",
    "templates/list-resource.md": "# {{ name }}: {{ description }}\n\n{{ example }}\n",
    "templates/function.md": "# {{ name }}: {{ summary }}\n\n{{ description }}\n\n{{ signature }}\n\n{{ arguments }}\n",
    "templates/resources/thing.md": "# My {{ name }}\n\n{{ example }}\n\n{{ import }}\n\nThe end.\n",
    "templates/guides/start.md": "# Start\n\n{{ file examples/start/main.tf }}\n",
    "examples/start/main.tf": "# begin\n",
    "examples/resources/x_thing/resource.tf": 'resource "x_thing" "a" {}\n',
    "examples/list-resources/x_thing/list-resource.tfquery.hcl": "list {}\n",
    "examples/resources/x_thing/import.tf": "import {}\n",
    "examples/resources/x_thing/import.sh": "terraform import x_thing.a ID\n",
}


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Templates and examples."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return Sources(tmp_path / "templates", tmp_path)


def test_the_pages_have_the_registrys_layout(sources: Sources) -> None:
    """Named like what they are about, without the provider's name in front."""
    assert sorted(pages(XProvider, sources)) == [
        "data-sources/lookup.md",
        "functions/shout.md",
        "guides/start.md",
        "index.md",
        "list-resources/thing.md",
        "resources/other.md",
        "resources/thing.md",
    ]


def test_a_page_shows_its_examples_and_ways_to_import(sources: Sources) -> None:
    """From the files that tests apply, in its own template."""
    assert pages(XProvider, sources)["resources/thing.md"] == (
        '# My x_thing\n\n```terraform\nresource "x_thing" "a" {}\n```\n\n## Import\n\n'
        "With an `import` block:\n\n```terraform\nimport {}\n```\n\n"
        "With `terraform import`:\n\n```shell\nterraform import x_thing.a ID\n```\n\nThe end.\n"
    )


def test_what_has_no_template_of_its_own_gets_that_of_its_kind(sources: Sources) -> None:
    """Without examples, there is no empty section."""
    found = pages(XProvider, sources)

    assert found["resources/other.md"] == "# x_other\n\nAnother.\n\n## Schema\n"
    assert found["data-sources/lookup.md"] == "# x_lookup\n"
    assert found["list-resources/thing.md"] == "# x_thing: Lists things.\n\n```terraform\nlist {}\n```\n"
    assert found["functions/shout.md"].startswith("# shout: Shouts\n\nSays it louder.\n\n## Signature\n")
    assert "- `url` (String) Where." in found["index.md"]
    assert found["guides/start.md"] == "# Start\n\n```terraform\n# begin\n```\n"


@pytest.mark.parametrize("wrong", ["{{ shema }}", "{{ file examples/gone.tf }}", "{{ file }}", "{{ schema x }}"])
def test_a_placeholder_that_means_nothing_is_an_error(sources: Sources, wrong: str) -> None:
    """It names the template; a page with braces in it is never written."""
    (sources.templates / "resource.md").write_text(wrong, encoding="utf-8")

    with pytest.raises(TemplateError, match=r"resource\.md"):
        pages(XProvider, sources)


def test_writing_makes_pages_current_and_removes_what_is_not_offered(sources: Sources, tmp_path: Path) -> None:
    """Only where pages are generated: design pages and the like stay."""
    found, docs = pages(XProvider, sources), tmp_path / "docs"
    for path in ("resources/gone.md", "design/0001.md"):
        (docs / path).parent.mkdir(parents=True, exist_ok=True)
        (docs / path).write_text("old", encoding="utf-8")
    (docs / "index.md").write_text("old", encoding="utf-8")

    assert stale(found, docs) == sorted([*found, "resources/gone.md"])
    write(found, docs)

    assert stale(found, docs) == []
    assert (docs / "design/0001.md").exists()
    assert not (docs / "resources/gone.md").exists()


def test_a_changed_page_is_stale(sources: Sources, tmp_path: Path) -> None:
    """By hand or by a newer schema."""
    found, docs = pages(XProvider, sources), tmp_path / "docs"
    write(found, docs)
    (docs / "functions/shout.md").write_text("mine", encoding="utf-8")

    assert stale(found, docs) == ["functions/shout.md"]
