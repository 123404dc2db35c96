"""Functions: their names, and the arguments they are called with."""

import pytest

from terraform_plugin import UNKNOWN, Error, Function, List, Parameter, String, Unknown, Value


class Join(Function):
    """Joins its arguments."""

    name = "join"
    parameters = (Parameter("by", String, ""), Parameter("first", List(String), ""))
    variadic = Parameter("more", String, "", allow_null=True, allow_unknown=True)

    def call(self, *arguments: Value) -> Value:
        return list(arguments)


def test_arguments_beyond_the_parameters_are_variadic() -> None:
    """Each has a parameter."""
    assert [parameter.name for parameter in Join.parameters_of(4)] == ["by", "first", "more", "more"]


@pytest.mark.parametrize(("function", "count"), [(Join, 1), (Function, 1)])
def test_a_wrong_number_of_arguments_is_an_error(function: type[Function], count: int) -> None:
    """Too few, or too many for a function without a variadic parameter."""
    function = type("Named", (function,), {"name": "named"})
    with pytest.raises(Error, match=rf"named takes \d arguments, got {count}"):
        function.result_of(["-"] * count)


@pytest.mark.parametrize("arguments", [[UNKNOWN, []], ["-", UNKNOWN], ["-", ["a", UNKNOWN]]])
def test_an_unknown_argument_makes_the_result_unknown(arguments: list[Value]) -> None:
    """At any depth: OpenTofu only checks the argument itself."""
    assert isinstance(Join.result_of(arguments), Unknown)


def test_a_parameter_may_allow_null_and_unknown_values() -> None:
    """They reach the function."""
    assert Join.result_of(["-", [], None, UNKNOWN]) == ["-", [], None, UNKNOWN]


def test_a_null_argument_that_is_not_allowed_is_an_error() -> None:
    """It names the parameter and the argument."""
    with pytest.raises(Error, match="first must not be null") as refused:
        Join.result_of(["-", None])
    assert refused.value.argument == 1


def parameter(name: str) -> Parameter:
    return Parameter(name, String, "")


@pytest.mark.parametrize("name", ["", "9a", "a b", "a.b", "a\n"])
def test_a_name_that_terraform_refuses_cannot_be_declared(name: str) -> None:
    """Of a function, of a parameter, of the variadic one."""
    with pytest.raises(ValueError, match="not an identifier"):
        type("Broken", (Function,), {"name": name})
    with pytest.raises(ValueError, match="not an identifier"):
        type("Broken", (Function,), {"name": "f", "parameters": [parameter(name)]})
    with pytest.raises(ValueError, match="not an identifier"):
        type("Broken", (Function,), {"name": "f", "variadic": parameter(name)})


def test_two_parameters_have_two_names() -> None:
    """The variadic one included."""
    with pytest.raises(ValueError, match="same name"):
        type("Broken", (Function,), {"name": "f", "parameters": [parameter("a")], "variadic": parameter("a")})
