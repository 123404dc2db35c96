"""Policies are compared by meaning."""

import json
from typing import Any

import pytest

from terraform_plugin import Path
from terraform_provider_aws_iam.policies import is_policy, same_policy


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement]})


SAME = {
    "spaces and the order of keys": ('{"a": "1", "b": "2"}', '{ "b":"2","a":"1" }'),
    "a string and a list of one": (policy(Action="sts:AssumeRole"), policy(Action=["sts:AssumeRole"])),
    "the order in a list": (policy(Action=["a:B", "c:D"]), policy(Action=["c:D", "a:B"])),
    "one statement without its list": ('{"Statement": {"Effect": "Allow"}}', '{"Statement": [{"Effect": "Allow"}]}'),
    "an account and its root": (
        policy(Principal={"AWS": "123456789012"}),
        policy(Principal={"AWS": "arn:aws:iam::123456789012:root"}),
    ),
    "every principal": (policy(Principal="*"), policy(Principal={"AWS": "*"})),
    "a boolean and its word": (
        policy(Condition={"Bool": {"aws:SecureTransport": True}}),
        policy(Condition={"Bool": {"aws:SecureTransport": "true"}}),
    ),
    "what is not JSON, spelled the same": ("nothing", "nothing"),
}

OTHER = {
    "another action": (policy(Action="sts:AssumeRole"), policy(Action="sts:TagSession")),
    "the case of a condition's value": (
        policy(Condition={"StringEquals": {"k": "a"}}),
        policy(Condition={"StringEquals": {"k": "A"}}),
    ),
    "one statement more": ('{"Statement": [{"Effect": "Allow"}]}', '{"Statement": [{"Effect": "Allow"}, {}]}'),
    "an account elsewhere than in a principal": (
        policy(Sid="123456789012"),
        policy(Sid="arn:aws:iam::123456789012:root"),
    ),
    "what is not JSON": ("nothing", "something"),
    "JSON and what is not": ("{}", "{"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_what_means_the_same_is_the_same(one: str, other: str) -> None:
    """AWS can return a policy in another form than it was sent."""
    assert same_policy(one, other)
    assert same_policy(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_what_means_something_else_is_a_change(one: str, other: str) -> None:
    """Another meaning is always a change."""
    assert not same_policy(one, other)
    assert not same_policy(other, one)


@pytest.mark.parametrize("text", ["", "{", "[]", '"text"', "[" * 100_000])
def test_a_policy_must_be_a_json_object(text: str) -> None:
    """The mistake is found before anything is created, and says how to write one."""
    (mistake,) = is_policy(text, Path("assume_role_policy"))
    assert mistake.path == Path("assume_role_policy")
    assert "jsonencode" in mistake.detail


def test_a_json_object_is_a_policy() -> None:
    """AWS decides about its contents."""
    assert not list(is_policy(policy(), Path("assume_role_policy")))
