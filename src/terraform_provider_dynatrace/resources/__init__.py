"""One file for each resource, named like its Terraform name."""
