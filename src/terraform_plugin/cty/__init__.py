"""Terraform's type system: types, numbers, their msgpack encoding, and blocks with dynamic types."""
