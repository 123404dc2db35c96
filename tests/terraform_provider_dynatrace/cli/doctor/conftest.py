"""The doctor reads AWS: an empty account in moto's server for each test."""

from tests.aws_account import aws_url, moto, moto_server

__all__ = ["aws_url", "moto", "moto_server"]
