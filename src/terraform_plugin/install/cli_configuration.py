"""Terraform's CLI configuration for providers that it uses only if it is configured to.

Source: Terraform, "Provider Installation". A `provider_installation` block replaces everything that Terraform searches
without one, so what it would search has to be in the block, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path


def provider_installation(mirror: Path, sources: Iterable[str], usual: Path | None, usual_names: Iterable[str]) -> str:
    """Return the block with which Terraform takes the providers `sources` from `mirror`.

    `usual` is the mirror that Terraform searches without configuration (None if there is none), and `usual_names` are
    the providers in it. Everything else comes from its registry.
    """
    included = _listed(sources)
    blocks = [_block("filesystem_mirror", path=_quoted(str(mirror)), include=included)]
    if usual:
        blocks.append(_block("filesystem_mirror", path=_quoted(str(usual))))
    blocks.append(_block("direct", exclude=_listed([*sources, *usual_names])))
    return f"provider_installation {{\n{''.join(blocks)}}}\n"


def _block(name: str, **arguments: str) -> str:
    width = max(map(len, arguments))
    lines = "".join(f"    {argument:{width}} = {value}\n" for argument, value in arguments.items())
    return f"  {name} {{\n{lines}  }}\n"


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
