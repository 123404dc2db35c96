"""A Terraform provider for Dynatrace's AWS connections."""

SOURCE = "terraform.local/dynatrace/dynatrace"
"""The provider's source address where nothing else is said; no registry knows it, a mirror does."""

__version__ = "0.1.0"
"""The release. It is written here, because asking the installed package costs a plan as much as a request."""
