"""A Dynatrace tenant and AWS's trust decision on a local port, to try AWS connections without either.

It is a reading of Dynatrace's documented behaviour that shares no code with the provider, so that one mistake cannot
hide in both.
"""
