"""The forms of Dynatrace's errors."""

from dynatrace_sandbox.tenant.problems import Problem, Violation, bad_query


def test_a_violation_has_the_fields_of_the_api() -> None:
    """`ConstraintViolation`: path, message, parameterLocation, location."""
    assert Violation("name", "Must not be null").as_json() == {
        "path": "name",
        "message": "Must not be null",
        "parameterLocation": "PAYLOAD_BODY",
        "location": None,
    }


def test_a_violation_can_be_put_below_a_path() -> None:
    """The path of the whole value is the prefix itself."""
    assert Violation("name", "x").below("schema/0").path == "schema/0/name"
    assert Violation("", "x").below("schema/0").path == "schema/0"


def test_a_problem_has_an_envelope_and_an_item_form() -> None:
    """A failed request answers with the envelope, a failed element of an array with code, error and its value."""
    problem = Problem(404, "gone")

    assert problem.envelope() == {"error": {"code": 404, "message": "gone"}}
    assert problem.item({"name": "x"}) == {
        "code": 404,
        "error": {"code": 404, "message": "gone"},
        "invalidValue": {"name": "x"},
    }


def test_a_bad_query_names_its_parameter() -> None:
    """The violation is in the query, not in the body."""
    (violation,) = bad_query("pageSize", "too large").error()["constraintViolations"]

    assert (violation["path"], violation["parameterLocation"]) == ("pageSize", "QUERY")
