"""Every value that DuckDB gives to Python arrives as it left."""

from __future__ import annotations

import duckdb
import pytest

from tools.sandbox.pool import Pool
from tools.sandbox.wire import decode, encode, pack, size_of, unpack
from tools.sandbox.worker import Projection

VALUES = [
    "1", "-170141183460469231731687303715884105727::hugeint", "1.5", "2::decimal(10, 2)", "1e300", "'nan'::double",
    "'inf'::float", "null", "true", "'text'", "''", "'ü 日本 \U0001f469'", "date '2026-01-31'", "date '1700-02-03'",
    "timestamp '2026-01-31 10:11:12.123456'", "time '10:11:12.5'", "interval 3 days", "interval 90 minutes",
    "'\\xAA\\x00'::blob", "uuid '6f9619ff-8b86-d011-b42d-00cf4fc964ff'", "[1, null, 3]", "[]", "[[1], [2, 3]]",
    "{'a': 1, 'b': [1.5]}", "map {'k': 1}", "map {1: 'x', 2: null}", "row(1, 'a')", "array_value(1, 2)::int[2]",
    "'101'::bit", "'a'::enum('a', 'b')", "json_object('a', 1)", "union_value(n := 1)", "{'$': 'date', 'v': 'x'}",
    "chr(0)", "repeat('x', 5000)",
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_a_value_arrives_as_it_left(value: str, projection: Projection) -> None:
    with duckdb.connect() as connection:
        expected = connection.execute(f"select {value}").fetchall()
    own = Pool()
    with own.worker(projection) as worker:
        found = worker.run(f"select {value}", seconds=5, rows=10, size=100_000).rows
    own.close()
    assert repr(found) == repr(expected)


def test_a_frame_is_json_and_nothing_else() -> None:
    frame = pack({"rows": [encode([{"k": b"\x00"}, (1, 2)])]})
    assert decode(unpack(frame[4:])["rows"][0]) == [{"k": b"\x00"}, (1, 2)]
    for body in (b"", b"[]", b"1", b"{", b"\x80\x04N."):
        with pytest.raises(ValueError, match=r"object|Expecting|decode"):
            unpack(body)


def test_sizes_are_about_right() -> None:
    assert size_of("abc") == 3
    assert size_of([1, "ab", {"k": None}]) == 8 + 8 + 2 + 8 + 1 + 8
