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

output "file" {
  value = notes_note.shopping.file
}
