"""The estimate: by hand on small samples, honest about what is missing, and about whose labels it rests on."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import pytest
from scipy.stats import beta, t  # type: ignore[import-untyped]

from tests.study.place import asker_of, drawn_study, import_labels_of, labelled_study, truth_of
from tools.errors import Declined
from tools.figure import Figure
from tools.labeling.ledger import Entry, append_entries
from tools.state import open_state
from tools.study import StudyEstimate, estimate_study, load_study
from tools.study.check_model import checks_needed
from tools.study.drawn import DrawnItem
from tools.study.estimate_sample import Measure, SampleEstimate, estimate_sample
from tools.study.settle_labels import Verdict
from tools.workspace import Workspace

ID = "spam-q1"
SIZES = {"a": (1000, 40, 10), "b": (500, 60, 6), "c": (250, 20, 15)}  # units, drawn, positive


def drawn(sizes: dict[str, tuple[int, int, int]]) -> tuple[list[DrawnItem], dict[str, Verdict]]:
    items, verdicts = [], {}
    for stratum, (_, n, positives) in sizes.items():
        for i in range(n):
            item = DrawnItem(f"{stratum}{i}", stratum, {"side": "left" if i % 2 else None})
            items.append(item)
            verdicts[item.id] = "positive" if i < positives else "negative"
    return items, verdicts  # type: ignore[return-value]


def measure(sizes: dict[str, tuple[int, int, int]], **more: Any) -> Measure:
    units = {stratum: size[0] for stratum, size in sizes.items()}
    options: dict[str, Any] = {
        "metric": "spam_prevalence",
        "version": 1,
        "level": 0.95,
        "basis": "sample",
        "units": units,
        "strata": "band" if len(units) > 1 else None,
        **more,
    }
    return Measure(**options)


def figure(found: SampleEstimate | StudyEstimate, id: str) -> Figure:
    return next(each for each in found.figures if each.id == id)


def test_the_share_is_that_of_the_strata_by_their_units() -> None:
    items, verdicts = drawn(SIZES)
    found = figure(estimate_sample(items, verdicts, measure(SIZES)), "overall")
    by_hand = sum(Fraction(N, 1750) * Fraction(y, n) for N, n, y in SIZES.values())
    assert found.value == pytest.approx(float(by_hand), rel=1e-11)
    assert (found.n, found.positives, found.basis) == (120, 31, "sample")


def test_the_interval_is_korn_graubard_of_the_textbook_variance() -> None:
    """Cochran 1977, eq. 5.7; Korn and Graubard 1998 with t(117)."""
    items, verdicts = drawn(SIZES)
    found = figure(estimate_sample(items, verdicts, measure(SIZES)), "overall")
    variance = 0.0
    for units, n, y in SIZES.values():
        p = y / n
        variance += (units / 1750) ** 2 * (1 - n / units) * p * (1 - p) / (n - 1)
    p = float(sum(Fraction(units, 1750) * Fraction(y, n) for units, n, y in SIZES.values()))
    n_eff = p * (1 - p) / variance * (t.ppf(0.975, 119) / t.ppf(0.975, 117)) ** 2
    assert found.method == "korn-graubard"
    assert found.low == pytest.approx(beta.ppf(0.025, p * n_eff, n_eff * (1 - p) + 1), rel=1e-9)
    assert found.high == pytest.approx(beta.ppf(0.975, p * n_eff + 1, n_eff * (1 - p)), rel=1e-9)


def test_the_number_is_the_share_times_the_frame() -> None:
    items, verdicts = drawn(SIZES)
    found = estimate_sample(items, verdicts, measure(SIZES))
    share, total = figure(found, "overall"), figure(found, "total")
    for key in ("value", "low", "high"):
        assert getattr(total, key) == pytest.approx(1750 * getattr(share, key), rel=1e-9)
    assert (total.unit, total.metric) == ("count", "spam_prevalence_total")


def test_a_stratum_is_its_own_sample() -> None:
    items, verdicts = drawn(SIZES)
    found = estimate_sample(items, verdicts, measure(SIZES))
    b = figure(found, "strata.2")
    assert (b.slice, b.value, b.n, b.positives) == ({"band": "b"}, 0.1, 60, 6)
    alone = estimate_sample(*drawn({"b": SIZES["b"]}), measure({"b": SIZES["b"]}))
    assert b.low == pytest.approx(figure(alone, "overall").low, rel=0.02)


def test_breakdowns_have_a_row_for_the_missing_value() -> None:
    items, verdicts = drawn(SIZES)
    found = estimate_sample(items, verdicts, measure(SIZES, breakdowns=("side",)))
    sides = [each for each in found.figures if each.id.startswith("by_side.")]
    assert [each.slice for each in sides] == [{"side": "left"}, {"side": None}]
    assert sum(each.n or 0 for each in sides) == 120
    weights = {"a": Fraction(25), "b": Fraction(25, 3), "c": Fraction(25, 2)}
    above = sum((w * (SIZES[s][2] // 2) for s, w in weights.items()), Fraction(0))  # every other one is on the left
    below = sum((w * (SIZES[s][1] // 2) for s, w in weights.items()), Fraction(0))
    assert sides[0].value == pytest.approx(float(above / below), rel=1e-11)


def test_no_positive_is_a_one_sided_bound() -> None:
    sizes = {"": (10**9, 300, 0)}
    found = figure(estimate_sample(*drawn(sizes), measure(sizes)), "overall")
    assert (found.value, found.low, found.one_sided) == (0, 0, True)
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 300), rel=1e-6)


def test_missing_units_stand_like_the_others_of_their_stratum_within_a_worst_case() -> None:
    items, verdicts = drawn(SIZES)
    for id in ("a0", "a39", "b59"):  # one positive, two negative
        verdicts[id] = "unresolved"
    del verdicts["c19"]
    found = estimate_sample(items, verdicts, measure(SIZES, max_missing=0.05))
    by_hand = Fraction(1000, 1750) * Fraction(9, 38) + Fraction(500, 1750) * Fraction(6, 59)
    by_hand += Fraction(250, 1750) * Fraction(15, 19)
    overall, worst = figure(found, "overall"), figure(found, "worst_case")
    assert overall.value == pytest.approx(float(by_hand), rel=1e-11)
    assert (overall.n, worst.n) == (116, 120)
    least = {**verdicts, **dict.fromkeys(("a0", "a39", "b59", "c19"), "negative")}
    most = {**verdicts, **dict.fromkeys(("a0", "a39", "b59", "c19"), "positive")}
    limits = [
        figure(estimate_sample(items, each, measure(SIZES)), "overall")  # type: ignore[arg-type]
        for each in (least, most)
    ]
    assert (worst.low, worst.high) == (limits[0].low, limits[1].high)
    assert worst.low is not None
    assert overall.low is not None
    assert worst.low < overall.low
    assert [(r.stratum, r.drawn, r.settled, r.unresolved, r.unlabelled) for r in found.response] == [
        (None, 120, 116, 3, 1),
        ("a", 40, 38, 2, 0),
        ("b", 60, 59, 1, 0),
        ("c", 20, 19, 0, 1),
    ]


def test_more_missing_than_allowed_is_declined_with_how_many() -> None:
    items, verdicts = drawn(SIZES)
    for i in range(10):
        del verdicts[f"b{i}"]
    with pytest.raises(Declined) as caught:
        estimate_sample(items, verdicts, measure(SIZES, max_missing=0.05))
    assert (caught.value.reason, caught.value.rule) == ("underpowered", "max_missing")
    assert "Settle 4 more" in caught.value.hint  # 10 missing, 5 % of 120 is 6


def test_a_stratum_without_settled_labels_is_declined() -> None:
    sizes = {"a": (1000, 200, 40), "b": (10, 3, 1)}
    items, verdicts = drawn(sizes)
    for i in range(3):
        verdicts[f"b{i}"] = "unresolved"
    with pytest.raises(Declined) as caught:
        estimate_sample(items, verdicts, measure(sizes, max_missing=0.05))
    assert (caught.value.reason, caught.value.value) == ("underpowered", "b")


def test_a_frame_drawn_in_full_has_no_sampling_error() -> None:
    sizes = {"a": (40, 40, 10), "b": (60, 60, 6)}
    found = figure(estimate_sample(*drawn(sizes), measure(sizes)), "overall")
    assert (found.value, found.low, found.high) == (0.16, 0.16, 0.16)


def test_the_files_of_an_estimate(place: Workspace) -> None:
    items = labelled_study(place)
    found = estimate_study(place, ID, asker=asker_of(place))
    folder = place.root / "studies" / ID
    lines = (folder / "labels.csv").read_text().splitlines()
    assert lines[0] == "item,label,labeller,kind"
    assert lines[1:] == [f"{item},{truth_of(item)},maria,import" for item in items]
    assert load_study(place, ID).estimate == found
    figures = json.loads((folder / "estimate.json").read_text())["figures"]
    assert set(figures[0]) >= {
        "value",
        "low",
        "high",
        "level",
        "n",
        "basis",
        "undefined",
        "one_sided",
        "period",
        "slice",
    }
    by_hand = sum(
        Fraction(1, 3) * Fraction(sum(truth_of(i) == "spam" for i in group), len(group))
        for group in ([i for i in items if int(i[1:]) % 3 == band] for band in range(3))
    )
    assert found.figures[0].value == pytest.approx(float(by_hand), rel=1e-11)
    assert found.labelling.labellers == 1


def test_nobody_labelled(place: Workspace) -> None:
    drawn_study(place)
    with pytest.raises(Declined) as caught:
        estimate_study(place, ID, asker=asker_of(place))
    assert caught.value.reason == "no_data"


def test_the_share_that_may_be_missing_is_the_specs(place: Workspace) -> None:
    items = drawn_study(place, max_missing=0.1)
    import_labels_of(place, items[:134])
    with pytest.raises(Declined):
        estimate_study(place, ID, asker=asker_of(place))
    import_labels_of(place, items[134:135], labeller="joe")
    found = estimate_study(place, ID, asker=asker_of(place))
    assert any("have no settled label" in caveat for caveat in found.caveats)
    assert "worst_case" in {each.id for each in found.figures}


def test_two_labellers_are_one_verdict_and_a_figure_of_agreement(place: Workspace) -> None:
    items = labelled_study(place)
    import_labels_of(place, items[:60], labeller="joe")
    found = estimate_study(place, ID, asker=asker_of(place))
    agreement = figure(found, "agreement")
    assert (agreement.value, agreement.n, found.labelling.items_twice) == (1.0, 60, 60)
    assert (agreement.high, agreement.one_sided) == (1.0, True)
    spam = sum(truth_of(item) == "spam" for item in items[:60])
    # 60 items leave room for 1 - 0.05^(1/60) with two different labels, each (120 - 1)·2·60/B with B = 120² - Σ n_c²
    bound = 1 - 0.05 ** (1 / 60)
    expected = 120**2 - (2 * spam) ** 2 - (2 * (60 - spam)) ** 2
    assert agreement.low == pytest.approx(1 - 119 * 60 * bound * 2 / expected, abs=0.005)


def machine(place: Workspace, items: list[str], *, wrong: int = 0, kind: str = "embedded") -> None:
    """Labels of a machine that is wrong on the first few."""
    plan = load_study(place, ID).plan
    assert plan is not None
    flipped = {"spam": "ham", "ham": "spam"}
    entries = [
        Entry(
            plan.policy.id,
            plan.policy.version,
            plan.policy.hash,
            item,
            "machine",
            kind,  # type: ignore[arg-type]
            "label",
            "run:1",
            flipped[truth_of(item)] if n < wrong else truth_of(item),
        )
        for n, item in enumerate(items)
    ]
    with open_state(place).transaction() as connection:
        append_entries(connection, entries)


@pytest.mark.parametrize("kind", ["embedded", "model"])
def test_a_models_labels_without_a_check_are_declined_with_how_many_to_check(place: Workspace, kind: str) -> None:
    items = drawn_study(place, labels="model")
    machine(place, items, kind=kind)
    with pytest.raises(Declined) as caught:
        estimate_study(place, ID, asker=asker_of(place))
    assert (caught.value.reason, caught.value.rule) == ("uncorrectable", "no_human_checks")
    assert "Let people label 50 of the 150 drawn units" in caught.value.hint
    assert not (place.root / "studies" / ID / "estimate.json").exists()


def test_a_models_labels_stand_with_their_checks(place: Workspace) -> None:
    items = drawn_study(place, labels="model")
    machine(place, items, wrong=9)
    import_labels_of(place, items[:30])
    found = estimate_study(place, ID, asker=asker_of(place))
    assert found.basis == "model_labelled"
    assert {f.basis for f in found.figures if f.id not in ("checks", "agreement")} == {"model_labelled"}
    checks = figure(found, "checks")
    assert (checks.value, checks.n) == (0.7, 30)
    exact = (beta.ppf(0.025, 21, 10), beta.ppf(0.975, 22, 9))
    assert (checks.low, checks.high) == pytest.approx(exact, abs=0.01)
    assert found.checks is not None
    assert found.checks.n == 30
    assert "People checked 30 of the units and agreed on 21" in found.caveats[0]


def test_people_do_not_count_in_an_estimate_of_a_models_labels_nor_the_other_way(place: Workspace) -> None:
    items = labelled_study(place)
    machine(place, items, wrong=150)
    found = estimate_study(place, ID, asker=asker_of(place))
    assert (found.basis, found.labelling.kinds) == ("sample", ("import",))


@pytest.mark.parametrize(("share", "n"), [(0.5, 50), (0.1, 85), (0.02, 1000), (0.0, 1000)])
def test_how_many_checks(share: float, n: int) -> None:
    """0.95 · 0.05 · 16 / p² negatives, over 1 - p; at least 50, at most those drawn."""
    by_hand = math.ceil(0.0475 * 16 / share**2 / (1 - share)) if share else 1000
    assert checks_needed(share, drawn=1000) == min(1000, max(50, by_hand)) == n


def test_the_same_estimate_twice_is_the_same_bytes(place: Workspace) -> None:
    labelled_study(place)
    estimate_study(place, ID, asker=asker_of(place))
    first = (place.root / "studies" / ID / "estimate.json").read_bytes()
    estimate_study(place, ID, asker=asker_of(place))
    assert (place.root / "studies" / ID / "estimate.json").read_bytes() == first
