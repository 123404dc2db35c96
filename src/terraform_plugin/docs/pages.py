"""A provider's documentation, page by page, in the layout of Terraform's registry.

A page is a template with placeholders: `{{ schema }}`, `{{ import }}` … and `{{ file PATH }}` for an example, so that
pages show the examples that are tested. `templates/resources/connection.md` becomes `docs/resources/connection.md`. A
resource without a template of its own gets the one of its kind, `templates/resource.md`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from terraform_plugin.data_source import DataSource
from terraform_plugin.docs.markdown import arguments_markdown, schema_markdown, signature_markdown
from terraform_plugin.function import Function
from terraform_plugin.list_resource import ListResource
from terraform_plugin.provider import Provider
from terraform_plugin.resource import Resource

_PLACEHOLDER = re.compile(r"\{\{ (?P<word>[a-z_]+)(?: (?P<path>\S+))? \}\}")
_LANGUAGES = {".tf": "terraform", ".sh": "shell", ".hcl": "terraform", ".py": "python"}
_FOLDERS = {
    "resource": "resources",
    "data-source": "data-sources",
    "list-resource": "list-resources",
    "function": "functions",
    "guide": "guides",
}
_EXAMPLES = {"list-resource": "list-resource.tfquery.hcl"}
Documented = type[Resource | DataSource | ListResource | Function]


class TemplateError(Exception):
    """A template has an unknown placeholder, or names a file that does not exist."""


@dataclass(frozen=True)
class Sources:
    """Where pages come from."""

    templates: Path
    """The folder with the templates."""
    root: Path
    """The folder that paths in `{{ file … }}`, and the folder `examples`, are in."""


def pages(provider: type[Provider], sources: Sources) -> dict[str, str]:
    """Return every page by its path below `docs`: the index, one for everything that the provider offers, and guides.

    Raises `TemplateError`.
    """
    pages_ = {"index.md": _page(sources, "index.md", "index", {"schema": schema_markdown(provider.schema)})}
    offered: list[Documented] = [
        *provider.resources,
        *provider.data_sources,
        *provider.list_resources,
        *provider.functions,
    ]
    for kind in offered:
        group, name, words = _described(provider, kind, sources.root)
        path = f"{_FOLDERS[group]}/{name}.md"
        pages_[path] = _page(sources, path, group, words)
    for guide in sorted((sources.templates / "guides").glob("*.md")):
        path = f"guides/{guide.name}"
        pages_[path] = _page(sources, path, "guide", {})
    return pages_


def write(pages_: Mapping[str, str], docs: Path) -> None:
    """Write the pages to `docs`, and remove pages of what is no longer offered."""
    for path in _present(docs) - pages_.keys():
        (docs / path).unlink()
    for path, text in pages_.items():
        (docs / path).parent.mkdir(parents=True, exist_ok=True)
        (docs / path).write_text(text, encoding="utf-8")


def stale(pages_: Mapping[str, str], docs: Path) -> list[str]:
    """Return the paths of pages that differ between `docs` and `pages_`, or exist in one of them only."""
    present = {path: (docs / path).read_text(encoding="utf-8") for path in _present(docs)}
    return sorted(path for path in pages_.keys() | present.keys() if pages_.get(path) != present.get(path))


def _present(docs: Path) -> set[str]:
    folders = [docs / folder for folder in _FOLDERS.values()]
    files = [docs / "index.md", *(file for folder in folders for file in folder.glob("*.md"))]
    return {file.relative_to(docs).as_posix() for file in files if file.exists()}


def _described(provider: type[Provider], kind: Documented, root: Path) -> tuple[str, str, dict[str, str]]:
    """Return the group of something that the provider offers, the name of its page, and the texts for its template."""
    if issubclass(kind, Function):
        words = {"name": kind.name, "summary": kind.summary, "description": kind.description}
        words |= {"signature": signature_markdown(kind), "arguments": arguments_markdown(kind)}
        group, full_name, name = "function", kind.name, kind.name
    else:
        group = _group(kind)
        full_name = kind.resource.type_name if issubclass(kind, ListResource) else kind.type_name
        name = full_name.removeprefix(f"{provider.name}_")
        words = {"name": full_name, "description": kind.schema.description, "schema": schema_markdown(kind.schema)}
    examples = root / "examples" / _FOLDERS[group] / full_name
    example = examples / _EXAMPLES.get(group, f"{group}.tf")
    words["example"] = _fenced(example) if example.exists() else ""
    words["import"] = _import(examples)
    return group, name, words


def _group(kind: type[Resource | DataSource | ListResource]) -> str:
    if issubclass(kind, ListResource):
        return "list-resource"
    return "resource" if issubclass(kind, Resource) else "data-source"


def _import(examples: Path) -> str:
    """Return the section "Import" from `import.tf` and `import.sh`, if they exist."""
    ways = {"import.tf": "With an `import` block:", "import.sh": "With `terraform import`:"}
    there = [(intro, examples / name) for name, intro in ways.items() if (examples / name).exists()]
    return "\n\n".join(["## Import", *(f"{intro}\n\n{_fenced(file)}" for intro, file in there)]) if there else ""


def _page(sources: Sources, path: str, group: str, words: Mapping[str, str]) -> str:
    own = sources.templates / path
    template = own if own.exists() else sources.templates / f"{group}.md"
    text = _PLACEHOLDER.sub(lambda match: _filled(sources, template, match, words), template.read_text("utf-8"))
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _filled(sources: Sources, template: Path, match: re.Match[str], words: Mapping[str, str]) -> str:
    word, path = match["word"], match["path"]
    if word == "file" and path and (sources.root / path).is_file():
        return _fenced(sources.root / path)
    if word in words and not path:
        return words[word]
    raise TemplateError(f"{template}: {match[0]} is neither one of {', '.join(sorted(words))} nor an existing file")


def _fenced(file: Path) -> str:
    text = file.read_text(encoding="utf-8").strip()
    return f"```{_LANGUAGES.get(file.suffix, 'text')}\n{text}\n```"
