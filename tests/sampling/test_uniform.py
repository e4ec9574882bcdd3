"""The random numbers: their definition, and that stages are independent."""

from __future__ import annotations

import hashlib
import unicodedata

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_stages_are_uncorrelated() -> None:
    """Six stages, 20,000 keys, also in sequence: |r| above 4.9 / sqrt(n) has probability 1e-6."""
    stages, keys = ("phase1", "phase2", "psu", "ssu", "fold", "2026-03-04"), 20_000
    drawn = np.array([[uniform(str(key), stage=stage, seed=11) for key in range(keys)] for stage in stages])
    correlations = np.corrcoef(drawn)[np.triu_indices(len(stages), 1)]
    serial = [np.corrcoef(row[1:], row[:-1])[0, 1] for row in drawn]
    assert np.abs([*correlations, *serial]).max() < 4.9 / np.sqrt(keys)
    assert np.abs(drawn.mean(axis=1) - 0.5).max() < 4.9 * np.sqrt(1 / 12 / keys)


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
