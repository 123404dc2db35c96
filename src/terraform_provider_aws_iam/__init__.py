"""A small provider for AWS IAM: the part of hashicorp/aws that Dynatrace's AWS connections need.

It is for machines that cannot reach the Terraform Registry, and for trying configurations against the sandbox.
"""

SOURCE = "terraform.local/dynatrace/aws"
"""The usual source address. The type is `aws`, so that resources have the same names as in hashicorp/aws."""
