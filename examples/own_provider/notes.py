"""A whole Terraform provider: notes, each a text file in one folder.

`python notes.py install` puts it where `terraform init` finds it; then apply main.tf beside this file.
"""

import sys
from pathlib import Path as File

from terraform_plugin import Attribute, Error, Path, Provider, Resource, Schema, State, String
from terraform_plugin.install.mirror import install
from terraform_plugin.server.serve import serve
from terraform_plugin.validators import matches

SOURCE = "terraform.local/example/notes"


class Note(Resource):
    """The schema says what is checked and planned; the methods only make, read, change and remove a file."""

    type_name = "notes_note"
    schema = Schema(
        "A note.",
        attributes={
            "title": Attribute(
                String,
                "Its file's name, without .txt. Another title is another note.",
                required=True,
                replace=True,
                check=[matches("[a-z0-9-]+", "have small letters, digits and dashes only")],
            ),
            "text": Attribute(String, "What it says.", optional=True, default="Nothing yet."),
            "file": Attribute(String, "Where it is.", computed=True, stable=True),
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
                "There is such a note already",
                f"{file} exists, and was not written over. Choose another title, or adopt it: "
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


class Notes(Provider):
    """What `configure` returns is what every resource is made with."""

    name = "notes"
    schema = Schema(
        "Notes on this machine.",
        attributes={"folder": Attribute(String, "Where they are kept; it must exist.", required=True)},
    )
    resources = (Note,)

    async def configure(self, config: State) -> File:
        folder = File(config["folder"])
        if not folder.is_dir():
            raise Error("No folder for notes", f"{folder} is not a folder. Make it, or name another.", Path("folder"))
        return folder


if __name__ == "__main__":
    if sys.argv[1:] == ["install"]:
        install(SOURCE, "1.0.0", [sys.executable, File(__file__).resolve()])
    else:
        sys.exit(serve(Notes(), source=SOURCE))
