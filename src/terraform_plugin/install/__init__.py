"""A provider in a local mirror, where `terraform init` finds it."""
