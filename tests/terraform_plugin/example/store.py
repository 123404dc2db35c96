"""Where the example provider keeps its objects: one file each, in a folder that outlives the process."""

from pathlib import Path
from uuid import uuid4

from terraform_plugin import Error, Schema, State
from terraform_plugin.cty.msgpack import decode, encode
from terraform_plugin.state.objects import complete


class Store:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, kind: str) -> str:
        """Return the id of a new object."""
        id_ = f"{kind}-{uuid4().hex[:8]}"
        (self.folder / id_).touch()
        return id_

    def write(self, id_: str, schema: Schema, state: State) -> None:
        (self.folder / id_).write_bytes(encode(schema.element_type, complete(schema, state)))

    def read(self, id_: str, schema: Schema) -> State | None:
        path = self.folder / id_
        if not path.exists():
            return None
        return State(decode(schema.element_type, path.read_bytes()) or complete(schema, {"id": id_}))

    def remove(self, id_: str) -> None:
        (self.folder / id_).unlink(missing_ok=True)

    def ids(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


def store_of(config: State) -> Store:
    """Return the store that the provider's configuration names."""
    folder = Path(str(config["folder"]))
    if not folder.is_dir():
        raise Error("No such folder", f"{folder} is not there. Make it, or name another one.")
    return Store(folder)
