"""The part of AWS's provider that Dynatrace's AWS connections need, for where the registry cannot be reached."""

SOURCE = "terraform.local/dynatrace/aws"
"""Its source address where nothing else is said. The type is `aws`, so that resources have the names of AWS's own."""
