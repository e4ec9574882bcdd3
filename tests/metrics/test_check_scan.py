"""Cost first: what would read too much is declined before it runs, with a period that would pass."""

from __future__ import annotations

from datetime import date

import pytest

from tools.errors import Declined
from tools.figure import Period
from tools.metrics.check_scan import check_scan
from tools.metrics.cut import Cut
from tools.metrics.profile import DatasetProfile, Profile

# 1,000 rows a day for 100 days.
PROFILE = Profile({"messages": DatasetProfile(rows=100_000, first=date(2026, 1, 1), last=date(2026, 4, 10))})


def cut(period: Period | None) -> Cut:
    return Cut(("messages",), (), (), period, None)


def test_a_period_within_the_limit_passes() -> None:
    check_scan(
        cut(Period(start=date(2026, 4, 1), end=date(2026, 4, 8))), PROFILE, scan_rows=7_000, periods=1, dated=True
    )


def test_a_longer_one_is_declined_with_one_that_passes() -> None:
    with pytest.raises(Declined) as raised:
        check_scan(
            cut(Period(start=date(2026, 3, 1), end=date(2026, 4, 1))), PROFILE, scan_rows=7_000, periods=1, dated=True
        )
    assert (raised.value.reason, raised.value.rule) == ("too_expensive", "limit_scan")
    assert "about 31,000 rows" in raised.value.message
    assert raised.value.hint == "Ask for at most 7 days, such as from 2026-03-25 to 2026-03-31."
    check_scan(
        cut(Period(start=date(2026, 3, 25), end=date(2026, 4, 1))), PROFILE, scan_rows=7_000, periods=1, dated=True
    )


def test_a_comparison_reads_twice_as_much() -> None:
    asked = cut(Period(start=date(2026, 4, 1), end=date(2026, 4, 8)))
    with pytest.raises(Declined) as raised:
        check_scan(asked, PROFILE, scan_rows=7_000, periods=2, dated=True)
    assert "at most 3 days" in raised.value.hint


def test_days_of_the_data_are_not_told_to_who_may_not_know_them() -> None:
    with pytest.raises(Declined) as raised:
        check_scan(cut(None), PROFILE, scan_rows=7_000, periods=1, dated=False)
    assert raised.value.hint == "Ask for a period of at most 7 days."


def test_without_times_only_the_limit_helps() -> None:
    whole = Profile({"messages": DatasetProfile(rows=100_000)})
    with pytest.raises(Declined) as raised:
        check_scan(cut(None), whole, scan_rows=7_000, periods=1, dated=True)
    assert "limits.scan_rows" in raised.value.hint
