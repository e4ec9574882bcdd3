"""The random numbers: their definition, and that stages are independent."""

from __future__ import annotations

import hashlib
import unicodedata

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2  # type: ignore[import-untyped]

from tools.errors import InvalidInput
from tools.sampling import canonical_key, uniform
from tools.sampling.nfc import UNICODE, is_nfc, unassigned_ranges
from tools.sampling.uniform import check_seed, check_stage, uniform_sql


@pytest.mark.parametrize(
    ("key", "stage", "seed", "digits"),
    [  # printf '%s' 'phase1|7|5' | md5sum, first 13 digits
        ("5", "phase1", 7, "d6ab36077e299"),
        ("Zoë", "2026-03-04", 0, hashlib.md5("2026-03-04|0|Zo\u00eb".encode()).hexdigest()[:13]),
    ],
)
def test_the_definition(key: str, stage: str, seed: int, digits: str) -> None:
    assert uniform(key, stage=stage, seed=seed) == int(digits, 16) / 2**52


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), st.integers(0, 10**9))
def test_duckdb_gives_the_same(key: str, seed: int) -> None:
    sql = f"select {uniform_sql('?', stage='phase1', seed=seed)}"
    assert duckdb.execute(sql, [key]).fetchall() == [(uniform(key, stage="phase1", seed=seed),)]


STAGES, KEYS = ("phase1", "phase2", "psu", "ssu", "fold", "2026-03-04"), 100_000
LIMIT = 4.9 / np.sqrt(KEYS)  # exceeded by an uncorrelated pair with probability 1e-6; 0.0155


@pytest.fixture(scope="module")
def drawn() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([[uniform(str(key), stage=stage, seed=11) for key in range(KEYS)] for stage in STAGES])


def test_stages_are_uncorrelated(drawn: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    """All pairs of six stages, and each with its next key."""
    serial = [np.atleast_2d(np.corrcoef(row[1:], row[:-1]))[0, 1] for row in drawn]
    assert np.abs([*correlations(drawn), *serial]).max() < LIMIT
    assert np.abs(drawn.mean(axis=1) - 0.5).max() < 4.9 * np.sqrt(1 / 12 / KEYS)


def test_a_correlation_of_0_026_would_be_seen(drawn: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    """Power 0.999: a stage that takes 2.6 % of its numbers from another one is found in each of 15 pairs."""
    rng = np.random.default_rng(5)
    for one in range(len(STAGES)):
        for other in range(one):
            mixed = np.where(rng.random(KEYS) < 0.026, drawn[one], drawn[other])
            assert np.corrcoef(drawn[one], mixed)[0, 1] > LIMIT


def test_pairs_of_stages_fill_the_square(drawn: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    """Independence, not only no correlation: a chi-square of 16 x 16 cells a pair, alpha 1e-4 over all."""
    cells = (drawn * 16).astype(int)
    p_values = []
    for one in range(len(STAGES)):
        for other in range(one):
            counts = np.bincount(cells[one] * 16 + cells[other], minlength=256)
            statistic = ((counts - KEYS / 256) ** 2 / (KEYS / 256)).sum()
            p_values.append(chi2.sf(statistic, 255))
    assert min(p_values) > 1e-4 / len(p_values)


def correlations(drawn: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> list[float]:
    found: list[float] = np.atleast_2d(np.corrcoef(drawn))[np.triu_indices(len(drawn), 1)].tolist()
    return found


def test_a_second_phase_takes_its_share_of_the_first() -> None:
    first = [key for key in range(20_000) if uniform(str(key), stage="phase1", seed=3) < 0.1]
    second = [key for key in first if uniform(str(key), stage="phase2", seed=3) < 0.3]
    again = [key for key in first if uniform(str(key), stage="phase1", seed=3) < 0.3]
    assert len(again) == len(first)  # why a stage has a name
    assert len(second) / len(first) == pytest.approx(0.3, abs=4.9 * (0.21 / len(first)) ** 0.5)


@pytest.mark.parametrize(("value", "key"), [(0, "0"), (12, "12"), ("007", "007"), ("é", "é"), ("日本", "日本")])
def test_keys(value: int | str, key: str) -> None:
    assert canonical_key(value) == key


@pytest.mark.parametrize("value", [None, -1, 1.0, True, b"a", unicodedata.normalize("NFD", "é"), "\ud800"])
def test_what_is_no_key(value: object) -> None:
    with pytest.raises(InvalidInput) as raised:
        canonical_key(value, where="row 3, column id")
    assert "row 3" in raised.value.message


def test_the_unassigned_are_those_of_unicode_14() -> None:
    """A Python that knows 14 agrees with the file; what a newer one calls unassigned is in it."""
    listed = {point for first, last in unassigned_ranges() for point in range(first, last + 1)}
    known = {point for point in range(0x110000) if unicodedata.category(chr(point)) == "Cn"}
    assert known == listed if unicodedata.unidata_version == UNICODE else known <= listed


def test_later_characters_are_inert() -> None:
    assert is_nfc("\U000105d2\u0307")  # Unicode 16 composes these two
    assert not is_nfc("e\u0301")


@pytest.mark.parametrize("stage", ["", " ", "a|b", "a\n", "e\u0301"])
def test_stages_that_cannot_be(stage: str) -> None:
    with pytest.raises(InvalidInput):
        check_stage(stage)


def test_seeds_are_not_negative() -> None:
    with pytest.raises(InvalidInput):
        check_seed(-1)
