"""How large a sample must be, and what is said of a test, on the help desk and on a sample."""

from __future__ import annotations

import math

import pytest

from agent import answer
from agent.state import Answer, Question
from tests.metrics.place import ANALYST, build_place
from tools.access import Asker
from tools.workspace import Workspace, default_asker

SAMPLE = """
create table items as
  select i as item_id, timestamp '2026-01-01' + to_hours((i * 2)::integer) as seen_at, i % 60 as bundle, 9.0 as weight,
    case when i % 2 = 0 then 'web' else 'app' end as surface,
    case when i % 20 = 0 or (i % 2 = 0 and i % 9 < 3) then 'bad' else 'fine' end as label
  from range(1, 901) r(i);
create table none as select i as item_id, 1.0 as weight, i as bundle, 'fine' as label from range(300) r(i);
"""
METRICS = """
datasets:
  - name: items
    source: items
    grain: [item_id]
    time: seen_at
    unit: item
    dimensions: [{name: surface, column: surface}]
    design: {type: cluster, weight: weight, cluster: bundle}
  - {name: none, source: none, grain: [item_id], unit: item, design: {type: cluster, weight: weight, cluster: bundle}}
metrics:
  - {name: bad_prevalence, kind: prevalence, of: items, positive: {column: label, equals: bad}, owner: safety}
  - {name: rare_prevalence, kind: prevalence, of: none, positive: {column: label, equals: bad}, owner: safety}
"""


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(tmp_path_factory.mktemp("size") / "w", sql=SAMPLE, metrics=METRICS)


def said(text: str, workspace: Workspace, asker: Asker | None = None) -> Answer:
    return answer(Question(text=text), workspace=workspace, asker=asker or default_asker(workspace))


def usual(p: float, q: float) -> float:
    """n per group for 80 % power at 95 %, two-sided: Fleiss 1981, eq. 3.14."""
    mean = (p + q) / 2
    return (1.959964 * math.sqrt(2 * mean * (1 - mean)) + 0.841621 * math.sqrt(p * (1 - p) + q * (1 - q))) ** 2 / (
        q - p
    ) ** 2


def test_of_a_full_count_the_usual_size(shop: Workspace) -> None:
    found = said("how many tickets would I need to see a 20 % drop in urgency rate?", shop)
    size, share = found.figures
    p = 35 / 240
    assert share.value == pytest.approx(p)
    # the reported interval is exact, so that it asks for a few per cent more than the usual formula
    assert usual(p, 0.8 * p) <= float(size.value or 0) <= 1.1 * usual(p, 0.8 * p)
    assert (size.unit, size.low, found.table) == ("count", None, None)
    assert "80% power" in found.headline
    assert "relative drop of 20%" in found.headline


def test_a_change_either_way_takes_the_larger_size(shop: Workspace) -> None:
    sizes = {
        word: float(
            said(f"how many labels do I need to see a 20 % {word} in urgency rate?", shop).figures[0].value or 0
        )
        for word in ("drop", "rise", "change")
    }
    assert sizes["change"] == max(sizes["drop"], sizes["rise"]) > min(sizes["drop"], sizes["rise"])


def test_points_are_of_the_share_itself(shop: Workspace) -> None:
    found = said("how many labels would we need to detect a 3 percentage point rise in urgency rate?", shop)
    p = 35 / 240
    assert usual(p, p + 0.03) <= float(found.figures[0].value or 0) <= 1.1 * usual(p, p + 0.03)
    assert "3 points" in found.headline


def test_of_a_sample_with_its_design_effect_and_an_interval(sampled: Workspace) -> None:
    found = said("how many labels would I need to see a 20 % change in bad prevalence?", sampled, ANALYST)
    size, share = found.figures
    assert share.n_eff is not None
    assert share.n is not None
    p = float(share.value or 0)
    expected = usual(p, 1.2 * p) * share.n / share.n_eff
    assert expected <= float(size.value or 0) <= 1.12 * expected
    assert size.low is not None
    assert size.high is not None
    assert size.low < float(size.value or 0) < size.high
    assert size.basis == "sample"
    assert "design effect" in size.slice


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("how many labels would I need to see a 20 % change in rare prevalence?", "underpowered"),  # none was found
        ("how many labels would I need to see a 99 % rise in bad prevalence on chat?", "no_data"),
        ("sample size to detect a 900 % rise in bad prevalence", "underpowered"),  # beyond all
    ],
)
def test_no_size_is_made_up(text: str, reason: str, sampled: Workspace) -> None:
    found = said(text, sampled, ANALYST)
    assert (found.kind, found.reason) == ("declined", reason)
    assert found.next_steps


def test_a_tested_difference_of_a_sample_says_its_design(sampled: Workspace) -> None:
    found = said("is bad prevalence different between web and app?", sampled, ANALYST)
    difference = found.figures[0]
    assert difference.low is not None
    assert difference.high is not None
    verdict = "includes zero" if difference.low <= 0 <= difference.high else "excludes zero"
    assert any(
        c.startswith("The test is the 95% interval of the difference itself") and verdict in c for c in found.caveats
    )


def test_a_full_count_is_tested_as_the_outcome_of_a_process(shop: Workspace) -> None:
    found = said("is the urgency rate different between chat and phone?", shop)
    assert found.kind == "answer"
    (said_of_it,) = (c for c in found.caveats if "counted in full" in c)
    assert "no sampling error" in said_of_it
    assert "a sample of the process behind them: the 95% interval of the difference is" in said_of_it
    assert "Rows of one customer count together" in said_of_it or "No actor is defined for these rows" in said_of_it
    assert (found.figures[0].low, found.figures[0].basis) == (None, "full_count")


def test_the_column_that_dates_a_metric_is_said(shop: Workspace) -> None:
    assert "opened_at of tickets" in said("tickets in March", shop).text
