"""A complete Terraform provider in one file. It manages notes, each of which is a text file in one folder.

Run `python notes.py install` to install it where `terraform init` finds it. Then apply the main.tf in this folder.
"""

import sys
from pathlib import Path as File

from terraform_plugin import (
    Attribute,
    DataSource,
    Error,
    Function,
    List,
    Parameter,
    Path,
    Provider,
    Resource,
    Schema,
    State,
    String,
    Value,
)
from terraform_plugin.install.mirror import install
from terraform_plugin.server.serve import serve
from terraform_plugin.validators import matches

SOURCE = "terraform.local/example/notes"


class Note(Resource):
    """The schema defines what is validated and planned. The methods only create, read, update and delete a file."""

    type_name = "notes_note"
    schema = Schema(
        "A note.",
        attributes={
            "title": Attribute(
                String,
                "Name of the file, without .txt. Changing it creates a new note.",
                required=True,
                requires_replace=True,
                validators=[matches("[a-z0-9-]+", "contain only lowercase letters, digits and hyphens")],
            ),
            "text": Attribute(String, "Text of the note.", optional=True, default="Nothing yet."),
            "file": Attribute(String, "Path of the file.", computed=True, use_state_for_unknown=True),
        },
    )

    def __init__(self, folder: File) -> None:
        self.folder = folder

    async def create(self, plan: State) -> State:
        file = self.folder / f"{plan['title']}.txt"
        try:
            with file.open("x", encoding="utf-8") as fresh:
                fresh.write(plan["text"])
        except FileExistsError as error:
            raise Error(
                "The note already exists",
                f"{file} exists and was not overwritten. Choose another title, or import the note: "
                f"terraform import ADDRESS {plan['title']}",
                Path("title"),
            ) from error
        return plan | {"file": str(file)}

    async def read(self, state: State) -> State | None:
        file = self.folder / f"{state['title']}.txt"
        if not file.exists():
            return None
        return state | {"text": file.read_text(encoding="utf-8"), "file": str(file)}

    async def update(self, state: State, plan: State) -> State:
        File(state["file"]).write_text(plan["text"], encoding="utf-8")
        return plan

    async def delete(self, state: State) -> None:
        File(state["file"]).unlink(missing_ok=True)

    async def import_state(self, id_: str) -> State:
        return State({"title": id_})


class Titles(DataSource):
    """A data source reads what exists. Its schema has arguments, as that of a resource, and computed values."""

    type_name = "notes_titles"
    schema = Schema(
        "The titles of all notes.",
        attributes={"titles": Attribute(List(String), "Titles in alphabetical order.", computed=True)},
    )

    def __init__(self, folder: File) -> None:
        self.folder = folder

    async def read(self, config: State) -> State:
        return config | {"titles": sorted(file.stem for file in self.folder.glob("*.txt"))}


class Title(Function):
    """A function gets its arguments and nothing else: the provider may not be configured."""

    name = "title"
    summary = "Title of a note"
    description = "Returns a text in lowercase, with hyphens between its words."
    parameters = (Parameter("text", String, "Any words, such as `Shopping List`."),)

    def call(self, *arguments: Value) -> str:
        [text] = arguments
        return "-".join(text.lower().split())


class Notes(Provider):
    """Every resource and data source is created with the value that `configure` returns."""

    name = "notes"
    schema = Schema(
        "Manages notes on this machine.",
        attributes={"folder": Attribute(String, "Folder in which the notes are stored. It must exist.", required=True)},
    )
    resources = (Note,)
    data_sources = (Titles,)
    functions = (Title,)

    async def configure(self, config: State) -> File:
        folder = File(config["folder"])
        if not folder.is_dir():
            raise Error("Folder not found", f"{folder} is not a folder. Create it or set another one.", Path("folder"))
        return folder


if __name__ == "__main__":
    if sys.argv[1:] == ["install"]:
        install(SOURCE, "1.0.0", [sys.executable, File(__file__).resolve()])
    else:
        sys.exit(serve(Notes(), source=SOURCE))
