"""Generates docs/ from schemas, templates and examples. `--check` verifies that the pages are current."""

from __future__ import annotations

import sys
from pathlib import Path

from terraform_plugin.docs.pages import Sources, TemplateError, pages, stale, write
from terraform_provider_dynatrace.provider import DynatraceProvider

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SOURCES = Sources(ROOT / "templates", ROOT)


def main(*, check: bool) -> None:
    """Generate or check the pages. Raises `SystemExit` if a template is wrong or a page is not current."""
    try:
        found = pages(DynatraceProvider, SOURCES)
    except TemplateError as problem:
        raise SystemExit(str(problem)) from None
    if not check:
        write(found, DOCS)
    elif differing := stale(found, DOCS):
        raise SystemExit(f"These pages in docs/ are not current: {', '.join(differing)}. Run `make docs`.")


if __name__ == "__main__":
    main(check="--check" in sys.argv[1:])
