"""Samples, medians, ratios and the table that shows them."""

from benchmarks.figures import Results, ratio, ratios, shown, table


def measured(**samples: list[float]) -> Results:
    results = Results()
    for contestant, values in samples.items():
        for value in values:
            results.add("plan of 1", "s", contestant, value)
    return results


def test_a_row_is_the_median_of_its_samples() -> None:
    """One slow run does not count."""
    assert measured(ours=[0.5, 9, 0.7]).medians() == {("plan of 1", "s"): {"ours": 0.7}}


def test_what_could_not_be_measured_is_no_sample() -> None:
    """A row that nobody measured does not exist."""
    results = Results()
    results.add("peak memory", "MB", "ours", None)

    assert results.medians() == {}


def test_the_fewest_samples_of_a_median_are_told() -> None:
    """The page says of how many runs its figures are."""
    assert (measured(ours=[1, 2, 3], floor=[1, 2]).fewest(), Results().fewest()) == (2, 0)


def test_the_table_has_a_column_for_each_contestant_and_each_ratio() -> None:
    """Ratios are to the floor and to the official provider."""
    rows = measured(floor=[0.1], ours=[0.6], official=[1.2]).medians()

    assert table(rows, ["floor", "ours", "official"]) == (
        "|           |  floor |   ours | official | ours / floor | ours / official |\n"
        "| ---       |   ---: |   ---: |     ---: |         ---: |            ---: |\n"
        "| plan of 1 | 0.10 s | 0.60 s |   1.20 s |         6.00 |            0.50 |\n"
    )


def test_who_did_not_take_part_has_no_column() -> None:
    """Without an official provider there is neither a column of its own nor a ratio to it."""
    rows = measured(floor=[0.1], ours=[0.6]).medians()

    assert "official" not in table(rows, ["floor", "ours"])
    assert ratios(rows) == [("ours", "floor")]


def test_what_has_no_floor_has_no_ratio() -> None:
    """Terraform makes no requests; nothing is divided by nothing."""
    assert ratio({"ours": 11}, "ours", "floor") == "-"
    assert ratio({"ours": 11, "floor": 0}, "ours", "floor") == "-"


def test_a_figure_has_its_unit_and_no_more_digits_than_it_deserves() -> None:
    """Seconds have hundredths; requests are counted."""
    figures = [shown(0.876, "s"), shown(181.4, "ms"), shown(57.6, "MB"), shown(11, "requests"), shown(None, "s")]

    assert figures == ["0.88 s", "181 ms", "58 MB", "11", "-"]
