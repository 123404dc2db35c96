"""`State`, which passes between Terraform and an author's code."""

from terraform_plugin.state.state import State


def test_a_state_with_other_values_is_a_copy() -> None:
    """Private data and configuration go along; nobody changes what came from Terraform."""
    state = State({"a": 1, "b": 2}, private=b"p", config={"a": 1})
    changed = state | {"b": 3}
    assert (changed, changed.private, changed.config) == ({"a": 1, "b": 3}, b"p", {"a": 1})
    assert (state, state.with_private(b"q").private, state.private) == ({"a": 1, "b": 2}, b"q", b"p")
