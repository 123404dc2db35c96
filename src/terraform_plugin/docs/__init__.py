"""Documentation pages in the layout of Terraform's registry, from schemas and templates."""
