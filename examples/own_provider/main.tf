terraform {
  required_providers {
    notes = {
      source = "terraform.local/example/notes"
    }
  }
}

variable "folder" {
  description = "Where the notes are kept"
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
