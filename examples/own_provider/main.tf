terraform {
  required_providers {
    notes = {
      source = "terraform.local/example/notes"
    }
  }
}

variable "folder" {
  description = "Folder in which the notes are stored. It must exist."
  type        = string
}

provider "notes" {
  folder = var.folder
}

resource "notes_note" "shopping" {
  title = "shopping"
  text  = "Bread, and oil."
}

resource "notes_note" "reading" {
  title = provider::notes::title("Reading List")
}

data "notes_titles" "all" {
  depends_on = [notes_note.shopping, notes_note.reading]
}

output "file" {
  value = notes_note.shopping.file
}

output "titles" {
  value = data.notes_titles.all.titles
}
