"""Whether ids repeat, by every way that is taken: bits, neighbours, sorted hashes in one part or several."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.errors import InvalidInput
from tools.sampling import SimpleRandom, open_file
from tools.sampling.check_unique import check_unique
from tools.sampling.columns import find_columns

UNITS = 500
IDS = {
    "close together": [str(i * 7 % UNITS) for i in range(UNITS)],
    "rising": [f"k{i:04}" for i in range(UNITS)],
    "far apart": [str(i * 7_919_999_999_983 % 10**15) for i in range(1, UNITS + 1)],
    "text": [f"k{i * 7 % UNITS}" for i in range(UNITS)],
}


def check(ids: list[str], path: Path, *, at_once: int) -> None:
    path.write_text("\n".join(["id", *ids]) + "\n")
    numbers = [int(id) for id in ids if id.isdigit()]
    with open_file(path) as source:
        columns = find_columns(source, SimpleRandom(n=5), id="id", second_phase=False)
        least, most = (min(numbers), max(numbers)) if numbers else (None, None)
        check_unique(source, columns, rows=len(ids), least=least, most=most, at_once=at_once)


@pytest.mark.parametrize("at_once", [UNITS, UNITS // 7])
@pytest.mark.parametrize("kind", IDS)
def test_a_repeat_is_found_wherever_it_stands(kind: str, at_once: int, tmp_path: Path) -> None:
    ids = IDS[kind]
    check(ids, tmp_path / "frame.csv", at_once=at_once)
    for place in (0, UNITS // 2, UNITS - 2):
        with pytest.raises(InvalidInput) as refused:
            check([*ids[:-1], ids[place]], tmp_path / "frame.csv", at_once=at_once)
        assert refused.value.code == "duplicate_id"
        assert f"rows {place + 1:,} and {UNITS:,}" in str(refused.value)
