"""What an import took, from what Python says of it."""

import pytest

from benchmarks.importing import STEPS, milliseconds, shown

PRINTED = """\
import time: self [us] | cumulative | imported package
import time:       900 |        900 |   encodings
import time:       100 |       5000 | site
import time:      2000 |       2000 |   asyncio.events
import time:      1000 |       3000 | asyncio
import time:      1500 |       4000 |   google.protobuf
import time:      2500 |       6500 | google.protobuf.message_factory
"""


def test_a_step_is_taken_with_all_that_it_imports() -> None:
    """The interpreter's own imports, for which a bare start pays, too, are nobody's."""
    assert milliseconds(PRINTED, ["asyncio", "google.protobuf.message_factory"]) == [3.0, 6.5]


def test_a_step_that_somebody_else_imported_is_an_error() -> None:
    """It would count as nothing: then the order is wrong."""
    with pytest.raises(KeyError, match="events"):
        milliseconds(PRINTED, ["asyncio.events"])


def test_the_table_has_a_line_for_each_part_and_the_sum() -> None:
    """In the order of the start."""
    text = shown({"asyncio": 30.4, "msgspec": 9.6})

    assert text.splitlines()[2:] == [
        "| asyncio                        |    30 ms |",
        "| msgspec                        |    10 ms |",
        "| together                       |    40 ms |",
    ]


def test_every_step_has_a_name_of_its_own() -> None:
    """None would be lost in the table."""
    assert len(set(STEPS.values())) == len(STEPS)
