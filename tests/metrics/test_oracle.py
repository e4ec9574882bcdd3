"""Compiled numbers against a second implementation in plain Python over the raw rows, for random queries."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.metrics.oracle.answer import answer, rest
from tests.metrics.oracle.cell import Cell, NoData
from tests.metrics.oracle.evaluate import Unsupported
from tests.metrics.oracle.queries import KINDS, queries
from tests.metrics.oracle.rows import Rows
from tests.metrics.oracle.slice import Key
from tools.access import Asker
from tools.demo import build_demo
from tools.errors import Declined
from tools.figure import Figure
from tools.metrics import MetricQuery, QueryResult, catalog_of, run_query
from tools.workspace import Workspace, load_workspace

ANALYST = Asker(person="ada", roles=("analyst",))
EXTRA = Path(__file__).parent / "oracle" / "extra.yml"
FULL = 100  # queries from which each feature has a floor
LEAST = {  # per query compared; eleven kinds are equally likely, and each must be at least 3 in 100
    "answered": 0.75, "values": 20, "n": 10, "by": 0.4, "by a joined dimension": 0.3, "where": 0.4, "in": 0.2,
    "not_in": 0.2, "is_null": 0.1, "range": 0.02, "period": 0.4, "grain": 0.3, "compare": 0.1, "share_over": 0.03,
    "limit": 0.05, "other": 0.01, "two metrics": 0.1, "positives": 1, "n_eff": 0.2, "half_width": 0.01,
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small demo with more metrics."""
    place = tmp_path_factory.mktemp("oracle") / "demo"
    build_demo(place)
    shutil.copy(EXTRA, place / "metrics" / "extra.yml")
    return place


@pytest.fixture(scope="module")
def torn(demo: Path) -> Path:
    """The same in New York, its times being moments, with accounts and parents missing."""
    place = demo.parent / "torn"
    shutil.copytree(demo, place, ignore=shutil.ignore_patterns("content.duckdb", ".transect"))
    settings_file = place / "transect.toml"
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(text.replace('timezone = "UTC"', 'timezone = "America/New_York"'), encoding="utf-8")
    with duckdb.connect(str(place / "data" / "warehouse.duckdb")) as connection:
        connection.execute("set timezone = 'UTC'")
        for table, column in (
            ("messages", "created_at"),
            ("responses", "created_at"),
            ("accounts", "signup_at"),
            ("human_reviews", "queued_at"),
            ("user_reports", "reported_at"),
        ):
            connection.execute(f"alter table {table} alter {column} type timestamptz")
        connection.execute("delete from accounts where hash(account_id) % 7 = 0")
        connection.execute("update accounts set is_test = true where hash(account_id) % 13 = 1")
        connection.execute("update messages set account_id = null where hash(message_id) % 11 = 0")
        connection.execute("update responses set latency_seconds = null where hash(response_id) % 9 = 0")
        connection.execute("update human_reviews set queued_at = null where hash(review_id) % 8 = 0")
        connection.execute("update enforcement_actions set is_automated = null where hash(action_id) % 4 = 0")
    return place


@pytest.mark.parametrize("wanted", [50, pytest.param(200, marks=pytest.mark.soak)])
def test_compiled_numbers_equal_those_of_the_oracle_on_the_demo(
    demo: Path, wanted: int, capsys: pytest.CaptureFixture[str]
) -> None:
    _compare_all(demo, wanted, capsys)


@pytest.mark.parametrize("wanted", [30, pytest.param(100, marks=pytest.mark.soak)])
def test_compiled_numbers_equal_those_of_the_oracle_with_moments_gaps_and_orphans(
    torn: Path, wanted: int, capsys: pytest.CaptureFixture[str]
) -> None:
    _compare_all(torn, wanted, capsys)


def _compare_all(place: Path, wanted: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Compare that many different queries; print and check what was among them."""
    workspace = load_workspace(place)
    rows = Rows(catalog_of(workspace), place / "data" / "warehouse.duckdb", workspace.settings.workspace.timezone)
    seen: dict[str, Counter[str]] = {}

    @settings(
        max_examples=wanted + 10,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),  # a failure is not shrunk: its query is printed, and every run reads the warehouse
        suppress_health_check=list(HealthCheck),
    )
    @given(queries(rows))
    def compare(query: MetricQuery) -> None:
        text = query.model_dump_json()
        if text not in seen:
            seen[text] = _compare(query, workspace, rows)

    compare()
    drawn = sum(seen.values(), Counter[str]())
    with capsys.disabled():
        print(f"\n{len(seen)} different queries: " + ", ".join(f"{k} {n}" for k, n in sorted(drawn.items())))
    assert len(seen) >= wanted
    if wanted < FULL:
        assert [kind for kind in KINDS if not drawn[f"kind {kind}"]] == []
        assert drawn["values"] > 20 * wanted
        return
    least = {f"kind {kind}": 0.03 for kind in KINDS} | LEAST
    assert {k: drawn[k] for k, share in least.items() if drawn[k] < share * wanted} == {}


def _compare(query: MetricQuery, workspace: Workspace, rows: Rows) -> Counter[str]:
    """Both answers to one query; what the query was and what could be compared."""
    found = _features(query, rows)
    try:
        wanted = answer(query, rows)
    except (NoData, Unsupported) as reason:
        expected = "no_data" if isinstance(reason, NoData) else "unsupported_cut"
        with pytest.raises(Declined) as declined:
            run_query(query, workspace=workspace, asker=ANALYST)
        assert declined.value.reason == expected, query
        return found + Counter([f"declined {expected}"])
    try:
        result = run_query(query, workspace=workspace, asker=ANALYST)
    except Declined as declined:
        _check_declined(declined, wanted, query)
        return found + Counter([f"declined {declined.reason}"])
    found += Counter(["answered"])
    return found + (_check_top(result, wanted, query, rows) if query.limit else _check_rows(result, wanted, query))


def _check_declined(declined: Declined, wanted: dict[Key, list[Cell]], query: MetricQuery) -> None:
    cells = [cell for row in wanted.values() for cell in row]
    if declined.reason == "no_data":
        assert not cells, query
    elif declined.reason == "too_expensive":
        assert len(wanted) > 10_000, query
    else:
        assert declined.reason == "underpowered", (query, declined)
        assert all(c.value is None for c in cells) and any(c.too_few or c.thin for c in cells), (query, cells)  # noqa: PT018


def _check_rows(result: QueryResult, wanted: dict[Key, list[Cell]], query: MetricQuery) -> Counter[str]:
    shown = _shown(result, query)
    assert {k for k, _ in shown} == set(wanted), (query, {k for k, _ in shown} ^ set(wanted))
    assert len(shown) == len(wanted), query
    found: Counter[str] = Counter()
    for key, figures in shown:
        assert len(figures) == len(wanted[key]), query
        for figure, cell in zip(figures, wanted[key], strict=True):
            found += _check(figure, cell, query, key)
    return found


def _check_top(result: QueryResult, wanted: dict[Key, list[Cell]], query: MetricQuery, rows: Rows) -> Counter[str]:
    assert query.limit is not None
    shown = _shown(result, query)
    kept = [(k, f) for k, f in shown if k in wanted][: query.limit]
    assert len(kept) == min(query.limit, len(wanted)), query
    found: Counter[str] = Counter()
    for key, figures in kept:
        found += _check(figures[0], wanted[key][0], query, key)
    descending = query.order != "asc"
    known = sorted((c[0].value for c in wanted.values() if c[0].value is not None), reverse=descending)
    values = [f[0].value for _, f in kept]
    assert [v for v in values if v is not None] == pytest.approx(known[: len(kept)]), query
    left = [(k, f) for k, f in shown if k not in {k for k, _ in kept}]
    folded = rest(query, {k for k, _ in kept}, rows) if len(wanted) > len(kept) else None
    assert len(left) == (folded is not None), (query, left)
    for key, figures in left:
        assert folded is not None
        found += _check(figures[0], folded, query, key) + Counter(["other"])
    return found


def _shown(result: QueryResult, query: MetricQuery) -> list[tuple[Key, list[Figure]]]:
    """Figures by the key of their row."""
    if result.table is None:
        return [((), list(result.figures))]
    width = len(query.by) + (query.grain is not None)
    keys = [row[:width] for row in result.table.rows]
    each = len(result.figures) // len(keys)
    return [(key, list(result.figures[i * each : (i + 1) * each])) for i, key in enumerate(keys)]


def _check(figure: Figure, cell: Cell, query: MetricQuery, key: Key) -> Counter[str]:
    where = (query.model_dump_json(by_alias=True, exclude_defaults=True), key, figure, cell)
    if cell.value is None:
        assert figure.value is None, where
        return Counter(["undefined"])
    assert figure.value == pytest.approx(cell.value, rel=1e-9, abs=1e-9), where
    assert (figure.basis == "sample") == cell.sampled, where
    found = Counter(["values"])
    if cell.n is not None and query.compare is None:
        assert figure.n == cell.n, where
        found["n"] += 1
    if cell.positives is not None and figure.positives is not None:
        assert figure.positives == cell.positives, where
        found["positives"] += 1
    if cell.n_eff is not None and figure.n_eff is not None:
        assert figure.n_eff == pytest.approx(cell.n_eff, rel=1e-6), where
        found["n_eff"] += 1
    if cell.half_width is not None and figure.low is not None and figure.high is not None:
        assert (figure.high - figure.low) / 2 == pytest.approx(cell.half_width, rel=1e-6, abs=1e-9), where
        found["half_width"] += 1
    return found


def _features(query: MetricQuery, rows: Rows) -> Counter[str]:
    found = Counter([f"kind {rows.catalog.metrics[query.metrics[0]].kind}"])
    refs = rows.catalog.shared_dimensions_for(query.metrics[0])
    conditions: dict[str, Any] = {
        "by": query.by,
        "by a joined dimension": any(refs[b][0].path for b in query.by),
        "where": query.where,
        "period": query.period,
        "grain": query.grain,
        "compare": query.compare,
        "share_over": query.share_over,
        "limit": query.limit,
        "two metrics": len(query.metrics) > 1,
        "in": any(w.in_ for w in query.where),
        "not_in": any(w.not_in for w in query.where),
        "is_null": any(w.is_null is not None for w in query.where),
        "range": any((w.above, w.at_least, w.below, w.at_most) != (None,) * 4 for w in query.where),
    }
    return found + Counter([name for name, true in conditions.items() if true])
