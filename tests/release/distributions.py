"""Distributions that a test makes up: their metadata and files, in a folder."""

from importlib.metadata import Distribution, distributions
from pathlib import Path


def distribution_in(folder: Path, name: str, fields: str = "", **files: str) -> Distribution:
    """Install `name` 1.0 into a folder, with further lines of metadata, and licence files by name with their text."""
    place = folder / f"{name}-1.0.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{fields}")
    for file, text in files.items():
        (place / file).write_text(text)
    (place / "RECORD").write_text("".join(f"{path.relative_to(folder)},,\n" for path in place.iterdir()))
    [found] = distributions(name=name, path=[str(folder)])
    return found
