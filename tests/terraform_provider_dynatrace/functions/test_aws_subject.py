"""`aws_subject`."""

import pytest

from .calling import call, complaint

ID = "vu9U3hXa3q0AAAABADJidWlsdGluOmh5cGVyc2NhbGVyLWF1dGhlbnRpY2F0aW9uNr7vVN4V2t6t"


async def test_the_subject_is_made_of_the_connections_id() -> None:
    """The subject has the connection's ID, and not its name as in an older form."""
    assert (await call("aws_subject", ID)).value == f"dt:connection-id/{ID}"


@pytest.mark.parametrize(
    "wrong", ["", "AWS connection name", f"dt:connection-id/{ID}", f"dtid:connection/{ID}", f"{ID}\n"]
)
async def test_what_cannot_be_an_id_is_refused(wrong: str) -> None:
    """A name or a whole subject would give a subject that no token ever has."""
    text, argument = complaint(await call("aws_subject", wrong))

    assert (argument, "dynatrace_aws_connection.NAME.id" in text) == ("[0]", True)
