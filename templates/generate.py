"""Write docs/ from schemas, templates and examples: `python templates/generate.py`, or `--check` them."""

from __future__ import annotations

import sys
from pathlib import Path

from terraform_plugin.docs.pages import Sources, TemplateError, pages, stale, write
from terraform_provider_dynatrace.provider import DynatraceProvider

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SOURCES = Sources(ROOT / "templates", ROOT)


def main(*, check: bool) -> None:
    """Raise `SystemExit` with a sentence where a template is wrong, or when pages are not current."""
    try:
        found = pages(DynatraceProvider, SOURCES)
    except TemplateError as problem:
        raise SystemExit(str(problem)) from None
    if not check:
        write(found, DOCS)
    elif differing := stale(found, DOCS):
        raise SystemExit(f"not what schemas, templates and examples give: {', '.join(differing)}. Run `make docs`.")


if __name__ == "__main__":
    main(check="--check" in sys.argv[1:])
