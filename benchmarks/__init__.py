"""Benchmarks: what a user waits for, measured with the real Terraform. No tests: nothing here passes or fails."""
