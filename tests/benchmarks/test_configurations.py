"""The configurations of all contestants are of the same size, and the state is one that Terraform wrote."""

import json

from benchmarks.configurations import connections, floor, floor_state, state


def test_every_contestant_has_the_same_number_of_resources() -> None:
    """The floor of a hundred pairs is two hundred resources."""
    names = ["a", "b", "c"]

    assert connections(names, "arn:aws:iam::123456789012:role/a").count("resource ") == 6
    assert floor(names, pairs=True).count("resource ") == 6
    assert (connections(names).count("resource "), floor(names, pairs=False).count("resource ")) == (3, 3)


def test_the_state_has_both_resources_of_each_pair() -> None:
    """Their ids are the object's, as both providers write them."""
    known = json.loads(state({"a": "object-1"}, "arn:aws:iam::123456789012:role/a"))

    found = {one["type"]: one["instances"][0]["attributes"]["id"] for one in known["resources"]}
    assert found == {"dynatrace_aws_connection": "object-1", "dynatrace_aws_connection_role_arn": "object-1"}


def test_the_floor_of_a_refresh_has_as_many_resources() -> None:
    """What the second of a pair refers to is the id of the first."""
    known = json.loads(floor_state(["a", "b"]))

    attributes = {one["name"]: one["instances"][0]["attributes"] for one in known["resources"]}
    assert list(attributes) == ["a", "a_role_arn", "b", "b_role_arn"]
    assert attributes["b_role_arn"]["input"]["value"] == attributes["b"]["id"]
