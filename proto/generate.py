"""Generates Python from the protocol's definitions. `--check` verifies that the generated code is current."""  # noqa: INP001  # a script, not a package

from __future__ import annotations

import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc  # type: ignore[import-untyped]  # ships no types

DEFINITIONS = Path(__file__).parent
GENERATED = DEFINITIONS.parent / "src" / "terraform_plugin" / "_protocol"
NO_MYPY = "# mypy: ignore-errors\n"  # protoc's stubs use a bare Mapping, and `bytes` as a field name and a type at once


def generate(folder: Path) -> None:
    """Write the messages into `folder`. Raises `SystemExit` with protoc's exit status if a definition is wrong."""
    definitions = sorted(str(path) for path in DEFINITIONS.glob("*.proto"))
    known = files("grpc_tools") / "_proto"
    folder.mkdir(parents=True, exist_ok=True)
    places = [f"-I{DEFINITIONS}", f"-I{known}", f"--python_out={folder}", f"--pyi_out={folder}"]
    if code := protoc.main(["protoc", *places, *definitions]):
        raise SystemExit(code)
    for stub in folder.glob("*.pyi"):
        stub.write_text(NO_MYPY + stub.read_text(encoding="utf-8"), encoding="utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    """Return the contents of each generated file by its name."""
    return {path.name: path.read_bytes() for path in folder.glob("*_pb2.py*")}


def check() -> None:
    """Raise `SystemExit` with a sentence when the package differs from what the definitions give."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        fresh, present = contents(Path(folder)), contents(GENERATED)
    stale = sorted(name for name in fresh | present if fresh.get(name) != present.get(name))
    if stale:
        raise SystemExit(f"not what proto/ gives: {', '.join(stale)}. Run `make protocol` and commit the result.")


if __name__ == "__main__":
    check() if "--check" in sys.argv[1:] else generate(GENERATED)
