"""A simulated Dynatrace environment and AWS IAM on local ports, to try AWS connections without an account of either.

It is a reading of Dynatrace's documentation that shares no code with the provider, so that one misreading cannot hide
in both. Where the documentation is silent, it behaves strictly.
"""
