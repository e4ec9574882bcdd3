"""Days, weeks and months: zones, daylight saving, ISO years, young and missing data."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.metrics.place import ask, build_place, by_hand
from tools.errors import Declined, InvalidInput
from tools.figure import Period
from tools.metrics.buckets import bucket_period, buckets_of, period_before, start_of
from tools.metrics.profile import profile_of
from tools.workspace import Workspace

TABLES = """
create table zoned as select timestamptz '2026-03-27 00:30:00+00' + to_hours(i::integer) as at, i from range(120) r(i);
create table plain as select timestamp '2026-03-27 00:30:00' + to_hours(i::integer) as at, i from range(120) r(i);
create table epochs as select 1774571400 + i * 3600 as at, i from range(120) r(i);
create table millis as select (1774571400 + i * 3600) * 1000 as at, i from range(120) r(i);
create table texts as select case when i = 7 then 'soon' else
    strftime(timestamp '2026-03-27 00:30:00' + to_hours(i::integer), '%Y-%m-%d %H:%M:%S') end as at, i
  from range(120) r(i);
create table dates as select date '2024-12-20' + i::integer as at, case when i = 3 then null else i end as i
  from range(30) r(i) union all select null, 1;
create table untimed as select 1 as i;
"""
METRICS = (
    "datasets:\n"
    + "".join(
        f"  - {{name: {n}, source: {n}, time: at, dimensions: [{{name: i, column: i}}]}}\n"
        for n in ("zoned", "plain", "epochs", "millis", "texts", "dates")
    )
    + "  - {name: untimed, source: untimed}\nmetrics:\n"
    + "".join(
        f"  - {{name: n_{n}, kind: count, of: {n}}}\n"
        for n in ("zoned", "plain", "epochs", "millis", "texts", "dates", "untimed")
    )
    + "  - {name: late, kind: count, of: dates, maturity: {lag_days: 5}}\n"
)


@pytest.fixture(scope="module")
def london(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(Path(tmp_path_factory.mktemp("london")) / "w", sql=TABLES, metrics=METRICS, zone="Europe/London")


def days(workspace: Workspace, metric: str) -> dict[str, object]:
    figures = ask(workspace, metrics=[metric], grain="day").figures
    return {f.period.start.isoformat()[5:]: f.value for f in figures if f.period}


@pytest.mark.parametrize("metric", ["n_zoned", "n_epochs", "n_millis"])
def test_the_day_the_clocks_go_forward_has_23_hours(london: Workspace, metric: str) -> None:
    # 29 March 2026: London goes to UTC+1 at 01:00, so that local days begin at 23:00 UTC from the 30th on.
    expected = {"03-27": 24, "03-28": 24, "03-29": 23, "03-30": 24, "03-31": 24, "04-01": 1}
    assert days(london, metric) == expected
    for day, count in expected.items():
        start = date(2026, int(day[:2]), int(day[3:]))
        period = {"from": start, "to": date.fromordinal(start.toordinal() + 1)}
        assert ask(london, metrics=[metric], period=period).figures[0].value == count


def test_plain_times_are_local_already(london: Workspace) -> None:
    assert days(london, "n_plain") == {"03-27": 24, "03-28": 24, "03-29": 24, "03-30": 24, "03-31": 24}


def test_times_as_text_are_read_and_the_rest_is_told(london: Workspace) -> None:
    assert days(london, "n_texts") == {"03-27": 23, "03-28": 24, "03-29": 24, "03-30": 24, "03-31": 24}
    result = ask(london, metrics=["n_texts"], period={"from": "2026-03-27", "to": "2026-03-28"})
    assert result.figures[0].value == 23
    assert "1 rows of texts have no time and belong to no period." in result.caveats
    assert ask(london, metrics=["n_texts"]).figures[0].value == 120


def test_a_zone_west_of_greenwich(tmp_path: Path) -> None:
    place = build_place(tmp_path / "w", sql=TABLES, metrics=METRICS, zone="America/New_York")
    assert days(place, "n_zoned") == {"03-26": 4, "03-27": 24, "03-28": 24, "03-29": 24, "03-30": 24, "03-31": 20}


def test_iso_weeks_across_the_year(london: Workspace) -> None:
    figures = ask(london, metrics=["n_dates"], grain="week").figures
    assert [(f.period.start, f.value) for f in figures if f.period] == [
        (date(2024, 12, 20), 3),  # the week of the 16th, of which the data covers three days
        (date(2024, 12, 23), 7),
        (date(2024, 12, 30), 7),
        (date(2025, 1, 6), 7),
        (date(2025, 1, 13), 6),
    ]


def test_a_bucket_covers_only_days_that_were_asked_for(london: Workspace) -> None:
    figures = ask(london, metrics=["n_dates"], grain="month", period={"from": "2024-12-25", "to": "2025-01-11"}).figures
    assert [(f.period.start, f.period.end, f.value) for f in figures if f.period] == [
        (date(2024, 12, 25), date(2025, 1, 1), 7),
        (date(2025, 1, 1), date(2025, 1, 11), 10),
    ]


def test_buckets_of_all_data_cover_only_days_that_the_data_does(london: Workspace) -> None:
    result = ask(london, metrics=["n_dates"], grain="month")  # 20 December to 18 January
    assert [(f.period.start, f.period.end, f.value, f.status) for f in result.figures if f.period] == [
        (date(2024, 12, 20), date(2025, 1, 1), 12, "final"),
        (date(2025, 1, 1), date(2025, 1, 19), 18, "provisional"),
    ]
    assert "The first month is not whole: the data begins on 2024-12-20." in result.caveats
    assert "The last month is not whole, so it is provisional: the data ends on 2025-01-18." in result.caveats
    assert not any("may still change" in c for c in result.caveats)


def test_a_bucket_is_final_when_the_data_has_its_last_day(london: Workspace) -> None:
    def statuses(**query: Any) -> list[str]:
        return [f.status for f in ask(london, metrics=["n_dates"], **query).figures]

    assert set(statuses(grain="day")) == {"final"}
    asked = {"from": "2025-01-01", "to": "2025-01-19"}  # asked for up to the newest day
    assert set(statuses(grain="week", period=asked)) == {"final"}
    beyond = {"from": "2025-01-01", "to": "2025-02-01"}
    assert statuses(grain="month", period=beyond) == ["provisional"]
    assert statuses(grain="week") == ["final"] * 4 + ["provisional"]


def test_rows_without_a_time_are_in_all_data_only(london: Workspace) -> None:
    assert ask(london, metrics=["n_dates"]).figures[0].value == 31
    result = ask(london, metrics=["n_dates"], period={"from": "2024-12-20", "to": "2025-01-19"})
    assert result.figures[0].value == 30
    assert any("have no time" in c for c in result.caveats)


def test_a_period_outside_of_the_data_is_declined_with_its_range(london: Workspace) -> None:
    for start, end in (("2023-01-01", "2023-02-01"), ("2026-04-02", "2026-05-01")):
        with pytest.raises(Declined, match="covers 20") as caught:
            ask(london, metrics=["n_dates" if start < "2024" else "n_zoned"], period={"from": start, "to": end})
        assert caught.value.reason == "no_data"


def test_a_period_partly_outside_is_answered_with_a_caveat(london: Workspace) -> None:
    result = ask(london, metrics=["n_dates"], period={"from": "2025-01-01", "to": "2025-02-01"})
    assert result.figures[0].value == 18
    assert any("newest data of dates is of 2025-01-18" in c for c in result.caveats)


def test_a_dataset_without_time_declines_a_period(london: Workspace) -> None:
    assert ask(london, metrics=["n_untimed"]).figures[0].period is None
    with pytest.raises(Declined) as caught:
        ask(london, metrics=["n_untimed"], period={"from": "2025-01-01", "to": "2025-02-01"})
    assert caught.value.reason == "unsupported_cut"
    with pytest.raises(Declined):
        ask(london, metrics=["n_untimed"], grain="day")


def test_periods_that_end_in_the_last_days_are_provisional(london: Workspace) -> None:
    def status(start: str, end: str) -> str:
        return ask(london, metrics=["late"], period={"from": start, "to": end}).figures[0].status

    assert status("2025-01-01", "2025-01-14") == "final"  # the newest day is 18 January
    assert status("2025-01-01", "2025-01-15") == "provisional"


def test_a_comparison_takes_the_days_just_before(london: Workspace) -> None:
    result = ask(london, metrics=["n_dates"], period={"from": "2025-01-01", "to": "2025-01-11"}, compare="previous")
    assert [f.value for f in result.figures] == [0, 10, 10]
    periods = [(f.period.start, f.period.end) for f in result.figures if f.period]
    assert periods == [(date(2025, 1, 1), date(2025, 1, 11))] * 2 + [(date(2024, 12, 22), date(2025, 1, 1))]
    assert result.table is not None
    assert result.table.columns == ("difference", "new", "old")
    assert any("10 days just before" in a for a in result.assumptions)


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (("2026-03-01", "2026-04-01"), ("2026-02-01", "2026-03-01")),
        (("2026-01-01", "2026-02-01"), ("2025-12-01", "2026-01-01")),
        (("2026-01-01", "2026-04-01"), ("2025-10-01", "2026-01-01")),
        (("2024-01-01", "2025-01-01"), ("2023-01-01", "2024-01-01")),
        (("2026-03-02", "2026-03-09"), ("2026-02-23", "2026-03-02")),
        (("2026-03-01", "2026-03-29"), ("2026-02-01", "2026-03-01")),
        (("2026-03-02", "2026-04-02"), ("2026-01-30", "2026-03-02")),
    ],
)
def test_the_period_before(period: tuple[str, str], before: tuple[str, str]) -> None:
    def days(start: str, end: str) -> Period:
        return Period(start=date.fromisoformat(start), end=date.fromisoformat(end))

    assert period_before(days(*period)) == days(*before)


def test_a_whole_month_is_compared_with_the_month_before(tmp_path: Path) -> None:
    tables = "create table d as select date '2026-02-01' + i::integer as at from range(59) r(i);"
    metrics = """
    datasets: [{name: d, source: d, time: at}]
    metrics: [{name: n, kind: count, of: d}, {name: more, kind: change, metric: n}]
    """
    place = build_place(tmp_path / "w", sql=tables, metrics=metrics)
    march = {"from": "2026-03-01", "to": "2026-04-01"}
    result = ask(place, metrics=["n"], period=march, compare="previous")
    assert [f.value for f in result.figures] == [3, 31, 28]
    assert any(
        "the calendar month before: 2026-02-01 up to, not including, 2026-03-01" in a for a in result.assumptions
    )
    assert ask(place, metrics=["more"], period=march).figures[0].value == 3


def test_a_change_by_week_is_of_whole_weeks_that_were_asked_for(tmp_path: Path) -> None:
    tables = "create table d as select date '2026-02-02' + i::integer as day from range(42) r(i), range(i % 5 + 1);"
    metrics = """
    datasets: [{name: d, source: d, time: day}]
    metrics: [{name: n, kind: count, of: d}, {name: more, kind: change, metric: n}]
    """
    place = build_place(tmp_path / "w", sql=tables, metrics=metrics)
    cut = {"from": "2026-02-11", "to": "2026-03-05"}  # a Wednesday to a Wednesday
    weeks = {f.period.start: f for f in ask(place, metrics=["more"], period=cut, grain="week").figures if f.period}
    first, *whole, last = weeks.values()
    assert (first.value, last.value) == (None, None)
    assert "is not complete" in str(first.undefined)
    rows = by_hand(place, "select count(*) from d group by date_trunc('week', day) order by date_trunc('week', day)")
    counts = [row[0] for row in rows]
    assert [f.value for f in whole] == [counts[2] - counts[1], counts[3] - counts[2]]


def test_a_comparison_needs_a_period_and_no_grain(london: Workspace) -> None:
    with pytest.raises(Declined):
        ask(london, metrics=["n_dates"], compare="previous")
    with pytest.raises(InvalidInput):
        ask(
            london,
            metrics=["n_dates"],
            compare="previous",
            grain="day",
            period={"from": "2025-01-01", "to": "2025-01-05"},
        )
    with pytest.raises(Declined, match="covers") as caught:
        ask(london, metrics=["n_dates"], period={"from": "2024-12-20", "to": "2025-01-10"}, compare="previous")
    assert caught.value.reason == "no_data"


def test_the_profile_knows_first_and_newest_local_days(london: Workspace) -> None:
    profile = profile_of(london).datasets
    assert (profile["zoned"].first, profile["zoned"].last) == (date(2026, 3, 27), date(2026, 4, 1))
    assert profile["zoned"].newest == datetime(2026, 4, 1, 0, 30)
    assert profile["millis"].newest == profile["epochs"].newest == profile["zoned"].newest
    assert profile["texts"].last == date(2026, 3, 31)
    assert profile["dates"].times["at"].missing == 1


def test_buckets() -> None:
    assert start_of(date(2026, 1, 1), "week") == date(2025, 12, 29)
    period = Period(start=date(2025, 12, 31), end=date(2026, 2, 1))
    assert buckets_of(period, "month") == [date(2025, 12, 1), date(2026, 1, 1)]
    assert len(buckets_of(period, "day")) == 32
    assert bucket_period(date(2025, 12, 1), "month", period) == Period(start=date(2025, 12, 31), end=date(2026, 1, 1))
