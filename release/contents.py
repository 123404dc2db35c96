"""Which installed distributions are part of the provider, and which distribution a file came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution, packages_distributions

from packaging.requirements import Requirement

PROVIDER = "terraform-provider-dynatrace"
OURS = ("terraform_plugin", "terraform_provider_dynatrace")
"""The packages of the distribution that are the provider. The others are there to try it."""

EXTRAS = ("aws",)
"""Extras that are in the package: `doctor aws` works without installing anything."""


def normalized(name: str) -> str:
    """Return a distribution's name as indexes compare it. Source: PyPA, names and normalization."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(root: Distribution, extras: Iterable[str] = ()) -> dict[str, Distribution]:
    """Return the installed distributions that `root` needs, itself included, by their normalized names.

    Raises `PackageNotFoundError` if one that is needed is not installed.
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
    """Return the top-level modules of what is installed here but not among the distributions `wanted`."""
    names = set(wanted)
    return sorted(
        module
        for module, owners in packages_distributions().items()
        if not {normalized(owner) for owner in owners} & names and module.isidentifier()
    )
