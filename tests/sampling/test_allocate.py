"""Whole numbers of units for strata."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.errors import InvalidInput
from tools.sampling import Allocation, StratumFacts, allocate

STRATA = st.lists(st.tuples(st.integers(1, 500), st.floats(0, 10), st.floats(0.1, 9)), min_size=1, max_size=8).map(
    lambda rows: [StratumFacts(f"s{i}", units, sd, cost) for i, (units, sd, cost) in enumerate(rows)]
)


@given(STRATA, st.sampled_from(["proportional", "equal", "neyman", "cost"]), st.integers(1, 4), st.data())
def test_it_sums_to_n_within_limits(
    strata: list[StratumFacts], allocation: Allocation, minimum: int, data: st.DataObject
) -> None:
    least, most = sum(min(minimum, s.units) for s in strata), sum(s.units for s in strata)
    n = data.draw(st.integers(least, most))
    if allocation in ("neyman", "cost") and not any(s.sd > 0 for s in strata):
        with pytest.raises(InvalidInput, match="does not vary"):
            allocate(strata, n=n, allocation=allocation, minimum=minimum)
        return
    found = allocate(strata, n=n, allocation=allocation, minimum=minimum)
    assert sum(found.values()) == n
    assert all(min(minimum, s.units) <= found[s.stratum] <= s.units for s in strata)


def test_strata_that_run_out_are_taken_whole() -> None:
    strata = [StratumFacts("rare", 10, sd=100), StratumFacts("common", 1_000, sd=1), StratumFacts("other", 3_000, sd=1)]
    assert allocate(strata, n=90, allocation="neyman") == {"rare": 10, "common": 20, "other": 60}


def test_a_minimum_is_paid_by_the_others() -> None:
    strata = [StratumFacts("a", 5), StratumFacts("b", 500), StratumFacts("c", 495)]
    assert allocate(strata, n=12, minimum=2) == {"a": 2, "b": 5, "c": 5}


def test_ties_go_to_the_first_label() -> None:
    strata = [StratumFacts(name, 10) for name in "cab"]
    assert allocate(strata, n=4, allocation="equal") == {"a": 2, "b": 1, "c": 1}


def test_too_many_and_too_few() -> None:
    strata = [StratumFacts("a", 5), StratumFacts("b", 5)]
    with pytest.raises(InvalidInput, match="more than the 10 units"):
        allocate(strata, n=11)
    with pytest.raises(InvalidInput, match="that takes 6"):
        allocate(strata, n=5, minimum=3)
