"""Which chart is drawn, in which order, and what is said to be left out."""

from __future__ import annotations

from tests.reporting.figures import FEBRUARY, counted, sampled, weekly
from tools.reporting.layout import lay_out


def test_full_counts_are_bars_and_samples_are_dots() -> None:
    assert lay_out([counted(0.1, slice={"c": "a"}), counted(0.2, slice={"c": "b"})]).kind == "bar"
    assert lay_out([sampled(0.1, 0.05, 0.2, slice={"c": "a"})]).kind == "dot"
    assert lay_out(weekly([0.1, 0.2])).kind == "line"


def test_categories_are_sorted_by_value_with_null_and_other_last() -> None:
    values = {"a": 0.1, "other": 0.9, "b": 0.3, None: 0.5, "c": 0.2}
    layout = lay_out([counted(v, slice={"country": k}) for k, v in values.items()])
    assert [r.label for r in layout.rows] == ["b", "c", "a", "(no value)", "other"]
    assert [r.role for r in layout.rows][-2:] == ["no_value", "other"]


def test_an_ascending_table_stays_ascending() -> None:
    layout = lay_out([counted(v, slice={"c": k}) for k, v in (("a", 0.1), ("b", 0.2), ("c", 0.3))])
    assert [r.label for r in layout.rows] == ["a", "b", "c"]


def test_numbers_keep_their_own_order() -> None:
    layout = lay_out([counted(v, slice={"rating": k}) for k, v in ((10, 0.1), (2, 0.6), (3, 0.3))])
    assert [r.label for r in layout.rows] == ["2", "3", "10"]


def test_more_than_thirty_categories_are_capped_with_a_note() -> None:
    figures = [counted(100 - i, unit="count", slice={"c": f"c{i}"}) for i in range(40)]
    layout = lay_out([*figures, counted(500, unit="count", slice={"c": "other"})])
    assert len(layout.rows) == 30
    assert layout.rows[-1].role == "other"
    assert layout.notes == ("30 of 41 categories shown; 11 more are in the table.",)


def test_a_comparison_is_recognised_in_points_and_in_shares() -> None:
    new, old = counted(0.014), counted(0.021, period=FEBRUARY)
    for change in (counted(-0.7, unit="points"), counted(-0.007)):
        layout = lay_out([change, new, old])
        assert layout.kind == "comparison"
        assert [r.label for r in layout.rows] == ["February 2026", "March 2026"]
        assert layout.change == change


def test_three_weeks_are_a_series_even_when_the_first_is_the_difference_of_the_others() -> None:
    assert lay_out(weekly([0.1, 0.3, 0.2])).kind == "line"


def test_three_slices_are_no_comparison() -> None:
    figures = [counted(v, slice={"c": k}) for k, v in (("a", 0.1), ("b", 0.3), ("c", 0.2))]
    assert lay_out(figures).kind == "bar"


def test_a_comparison_of_each_slice_has_a_row_a_slice() -> None:
    figures = []
    for name, new, old in (("dm", 0.03, 0.02), ("feed", 0.01, 0.04)):
        figures += [
            counted((new - old) * 100, unit="points", slice={"surface": name}),
            counted(new, slice={"surface": name}),
            counted(old, slice={"surface": name}, period=FEBRUARY),
        ]
    layout = lay_out(figures)
    assert layout.kind == "comparison"
    assert [r.label for r in layout.rows] == ["dm", "feed"]
    assert [r.before.value for r in layout.rows if r.before] == [0.02, 0.04]


def test_figures_of_another_unit_are_left_out_and_named() -> None:
    layout = lay_out([counted(0.1), counted(5, unit="count", metric="messages_sent")])
    assert layout.notes == ("Not drawn, because of another unit: messages sent.",)


def test_shared_filters_are_not_part_of_the_labels() -> None:
    figures = [counted(v, slice={"surface": "dm", "country": c}) for c, v in (("US", 0.2), ("DE", 0.1))]
    layout = lay_out(figures)
    assert [r.label for r in layout.rows] == ["US", "DE"]
    assert layout.common == {"surface": "dm"}


def test_at_most_six_series() -> None:
    figures = [f for i in range(9) for f in weekly([0.1 + i / 100, 0.2], slice={"c": f"c{i}"})]
    layout = lay_out(figures)
    assert len(layout.series) == 6
    assert layout.notes == ("The 6 largest of 9 series are shown.",)
