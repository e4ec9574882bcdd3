"""Questions about a sampled metric: how it is known is in the answer, and what the sample cannot carry is declined."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent import answer
from agent.state import Answer, Question
from tests.metrics.place import build_place
from tools.estimation import estimate_proportion, sum_rows
from tools.workspace import Workspace, default_asker

# 40 of 400 authors, every item of each; surface tv is one author's, radio has two authors and no bad item
ITEMS = """
create table items as
  select i as item_id, timestamp '2026-01-01' + to_hours((i * 3)::integer) as at, i % 40 as author, 10.0 as w,
    case when i % 7 = 0 and i % 40 not in (5, 6) then 'bad' else 'good' end as label, 400 as authors,
    case when i % 40 = 3 then 'tv' when i % 40 in (5, 6) then 'radio' when i % 2 = 0 then 'dm' else 'feed' end
      as surface
  from range(600) r(i)
"""
METRICS = """
datasets:
  - name: items
    source: items
    time: at
    unit: item
    dimensions: [{name: surface, column: surface}]
    design: {type: cluster, weight: w, cluster: author, fpc: authors}
metrics:
  - {name: bad_share, kind: prevalence, of: items, positive: {column: label, equals: bad}, synonyms: [bad item rate]}
"""


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(Path(tmp_path_factory.mktemp("items")) / "w", sql=ITEMS, metrics=METRICS)


def ask(workspace: Workspace, text: str) -> Answer:
    return answer(Question(text=text), workspace=workspace, asker=default_asker(workspace, surface="python"))


def test_method_n_effective_n_and_interval_are_in_the_answer(items: Workspace) -> None:
    i = np.arange(600)
    bad = ((i % 7 == 0) & ~np.isin(i % 40, (5, 6))).astype(float)
    s = sum_rows(bad, weights=np.full(600, 10.0), clusters=i % 40, population=np.full(600, 400.0))
    expected = estimate_proportion(s.totals, design=s.design)
    found = ask(items, "what is the bad item rate?")
    figure = found.figures[0]
    assert (figure.value, figure.low, figure.high) == pytest.approx((expected.value, expected.low, expected.high))
    assert (figure.basis, figure.method, figure.n) == ("sample", "korn-graubard", 600)
    assert figure.n_eff == pytest.approx(expected.n_eff)
    assert expected.n_eff is not None
    assert f"n = 600 (effective {round(expected.n_eff):,})" in found.text
    assert "Method: korn-graubard" in found.text
    assert "95% interval" in found.headline


def test_a_cut_inside_one_cluster_is_declined(items: Workspace) -> None:
    found = ask(items, "bad item rate for tv")
    assert (found.kind, found.reason) == ("declined", "underpowered")
    assert found.figures == ()
    assert "too few clusters" in found.headline
    assert any("more clusters" in step for step in found.next_steps)


def test_among_others_such_a_cut_is_undefined_with_the_reason(items: Workspace) -> None:
    found = ask(items, "bad item rate by surface")
    assert found.kind == "answer"
    cells = {f.slice["surface"]: f for f in found.figures}
    assert cells["tv"].value is None
    assert cells["tv"].undefined == "no stratum has two clusters with a row in the domain"
    assert cells["dm"].low is not None


def test_without_a_positive_there_is_a_bound(items: Workspace) -> None:
    found = ask(items, "bad item rate for radio")
    figure = found.figures[0]
    assert (figure.value, figure.one_sided) == (0, True)
    assert figure.high is not None
    assert 0.5 < figure.high < 1  # two authors, each all or nothing
    assert found.headline.startswith("Bad share, surface radio: fewer than")
