"""A Terraform provider for Dynatrace's AWS connections."""

SOURCE = "terraform.local/dynatrace/dynatrace"
"""The provider's source address where nothing else is said; no registry knows it, a mirror does."""
