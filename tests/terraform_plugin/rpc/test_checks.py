"""What the library refuses by itself."""

import pytest

from terraform_plugin import UNKNOWN, Error, Path, State
from terraform_plugin.resource import MoveSource, Resource
from terraform_plugin.rpc.checks import cannot_move, check_config, check_known, state_too_new
from tests.terraform_plugin.thing import CREATED, thing


def test_all_mistakes_of_a_configuration_are_raised_at_once() -> None:
    """Those against the schema, and what the author's own validation raises."""

    def validate(_: State) -> None:
        raise Error("Wrong name", "", Path("name"))

    config = State(CREATED | {"id": "mine", "secret": "x"})
    with pytest.raises(ExceptionGroup) as refused:
        check_config(thing(validate=validate), config, write_only_allowed=False)
    summaries = [str(error).partition(":")[0] for error in refused.value.exceptions]
    assert summaries == [
        "Value cannot be set",
        "Value cannot be set",
        "Write-only argument not supported",
        "Wrong name",
    ]


@pytest.mark.parametrize("returned", [[Error("Wrong name")], iter([Error("Wrong name")])])
def test_errors_that_are_returned_instead_of_raised_do_not_pass(returned: object) -> None:
    """An author who yields errors in `validate`, as in a validator, learns it from the first configuration."""
    with pytest.raises(ExceptionGroup) as refused:
        check_config(thing(validate=lambda _: returned), State(CREATED | {"id": None, "etag": None}))
    [mistake] = refused.value.exceptions
    assert f"validate must raise Error or return None, got {type(returned).__name__}" in str(mistake)


def test_a_configuration_without_mistakes_passes() -> None:
    """Nothing is raised."""
    check_config(thing(validate=lambda _: None), State(CREATED | {"id": None, "etag": None, "secret": "x"}))


def test_a_state_with_an_unknown_value_is_the_providers_mistake() -> None:
    """The message has the resource, the operation and the names."""
    assert check_known(thing(), State(CREATED), "read") == CREATED
    with pytest.raises(Error, match="thing: values are missing after read") as refused:
        check_known(thing(), State(CREATED | {"name": UNKNOWN, "rule": [{"a": UNKNOWN}]}), "read")
    assert "left name, rule unknown" in refused.value.detail


def test_a_newer_state_needs_a_newer_provider() -> None:
    """Both versions are named."""
    assert "version 3" in (detail := state_too_new(3, thing()).detail)
    assert "up to 2" in detail


def test_a_move_from_an_unknown_type_names_both_types() -> None:
    """And what to do instead."""
    resource: type[Resource] = thing()
    error = cannot_move(MoveSource("example.com/a/b", "b_thing", 0, {}, b""), resource)
    assert error.summary == "Cannot move b_thing to thing"
    assert "of example.com/a/b" in error.detail
    assert "import the object" in error.detail
