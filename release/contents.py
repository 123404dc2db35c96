"""Which installed distributions are part of the provider."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution, packages_distributions

from packaging.requirements import Requirement

PROVIDER = "terraform-provider-dynatrace"
OURS = ("terraform_plugin", "terraform_provider_dynatrace")
"""The packages that form the provider. The other packages of the distribution are for trying it."""

EXTRAS = ("aws",)
"""Extras that are included, so that `doctor aws` works without installing anything."""


def normalized(name: str) -> str:
    """Return the normalized name of a distribution. Source: docs/design/0008-sources.md#packaging."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(root: Distribution, extras: Iterable[str] = ()) -> dict[str, Distribution]:
    """Return the installed distributions that `root` requires, including itself, by their normalized names.

    Raises `PackageNotFoundError` if a required distribution is not installed.
    """
    found = {normalized(root.name): root}
    waiting = [(root, frozenset(extras))]
    while waiting:
        for needed in _needs(*waiting.pop()):
            if (key := normalized(needed.name)) not in found:
                found[key] = distribution(needed.name)
                waiting.append((found[key], frozenset(needed.extras)))
    return dict(sorted(found.items()))


def _needs(one: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for text in one.requires or ():
        needed = Requirement(text)
        if not needed.marker or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield needed


def foreign_modules(wanted: Iterable[str]) -> list[str]:
    """Return the top-level modules of installed distributions that are not in `wanted`."""
    names = set(wanted)
    return sorted(
        module
        for module, owners in packages_distributions().items()
        if not {normalized(owner) for owner in owners} & names and module.isidentifier()
    )
