"""A score that steers a draw: the curve, its steps, the pilot it is learned from, and what stays out of its reach."""

from __future__ import annotations

import csv
import json
import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.special import expit  # type: ignore[import-untyped]

from agent.cli.main import run
from tests.sampling.frames import draw_file, write_frame
from tests.sampling.test_engines_agree import assert_same
from tools.errors import InvalidInput
from tools.sampling import (
    ParetoPps,
    Poisson,
    ScoreCurve,
    Steps,
    Unit,
    draw,
    draw_plain,
    fit_score_curve,
    open_file,
    read_pilot,
    steer,
    steer_frame,
)

STEPS = Steps(edges=(-1.0, 0.5, 2.0), sizes=(1.0, 3.0, 0.5, 8.0), predictions=(0.01, 0.2, 0.3, 0.9))
CURVE = ScoreCurve("identity", intercept=-4.0, slope=1.5, least=-3.0, most=5.0)


def make_scores(seed: int = 1, *, units: int = 400) -> list[Unit]:
    """Scores of both signs, some on an edge, some missing."""
    source = random.Random(seed)
    scores = [source.choice([-1.0, 0.5, 2.0, math.nan, source.gauss(0, 2)]) for _ in range(units)]
    return [Unit(i, size=score, stratum="s", cluster="c") for i, score in enumerate(scores)]


@pytest.mark.parametrize(("score", "size"), [(-9, 1.0), (-1.0, 3.0), (0.499, 3.0), (0.5, 0.5), (2.0, 8.0), (99, 8.0)])
def test_a_step_starts_at_its_edge(score: float, size: float) -> None:
    assert STEPS.size(score) == size
    with open_file_of([score, 7.0]) as found:
        assert found == [size, 8.0]


class open_file_of:
    """Sizes that DuckDB gives scores."""

    def __init__(self, scores: list[float]) -> None:
        self._scores = scores

    def __enter__(self) -> list[float]:
        import duckdb

        listed = ", ".join(f"({i}, {score!r}::double)" for i, score in enumerate(self._scores))
        sql = f"select {STEPS.sql('x', STEPS.sizes)} from (values {listed}) as t (i, x) order by i"
        return [row[0] for row in duckdb.execute(sql).fetchall()]

    def __exit__(self, *_: object) -> None:
        return None


@pytest.mark.parametrize("design", [ParetoPps(n=40, size="size", steps=STEPS), Poisson(n=40, size="size", steps=STEPS)])
def test_both_engines(design: ParetoPps | Poisson, tmp_path: Path) -> None:
    frame = make_scores()
    expected = draw_plain(frame, design, seed=3)
    assert_same(draw_file(write_frame(frame, tmp_path / "f.csv"), design, seed=3), expected)


def test_rows_carry_what_is_predicted_and_the_total_is_the_frames(tmp_path: Path) -> None:
    """A column named like those of the draw itself is no trouble; a missing score is predicted as the others' mean."""
    frame = make_scores()
    path = write_frame(frame, tmp_path / "f.csv")
    path.write_text(path.read_text().replace("id,size,cost", "id,x,pi", 1))
    out = tmp_path / "o.csv"
    with open_file(path) as source:
        manifest = draw(source, ParetoPps(n=60, size="x", steps=STEPS), id="id", seed=3, out=out)
    known = [STEPS.predictions[STEPS.place(unit.size)] for unit in frame if not math.isnan(unit.size)]
    mean = sum(known) / len(known)
    total = sum(known) + (len(frame) - len(known)) * mean
    assert manifest.predicted_total == pytest.approx(total, rel=1e-12)
    with (tmp_path / "o.csv.totals.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["column"], row["value"]) for row in rows] == [("(Intercept)", ""), ("_predicted", "")]
    assert [float(row["total"]) for row in rows] == pytest.approx([400, total], rel=1e-12)
    scores = {str(unit.id): unit.size for unit in frame}
    with out.open(newline="") as stream:
        for row in csv.DictReader(stream):
            score = scores[row["id"]]
            expected = mean if math.isnan(score) else STEPS.predictions[STEPS.place(score)]
            assert float(row["_predicted"]) == pytest.approx(expected, rel=1e-12)


def test_the_score_is_not_in_the_estimate(tmp_path: Path) -> None:
    """Sizes are all that a score decides: another scale of the same steps gives the same rows and probabilities."""
    frame = make_scores()
    doubled = [replace(unit, size=2 * unit.size) for unit in frame]
    same = STEPS.model_copy(update={"edges": tuple(2 * edge for edge in STEPS.edges)})
    one = draw_plain(frame, ParetoPps(n=40, size="size", steps=STEPS), seed=3)
    assert draw_plain(doubled, ParetoPps(n=40, size="size", steps=same), seed=3) == one


def test_the_curve_that_made_the_labels_is_found() -> None:
    """40,000 labels: within five standard errors of slope and intercept, on the scale that they were made on."""
    rng = np.random.default_rng(4)
    for scale in ("identity", "logit"):
        g = rng.normal(0, 1.5, 40_000)
        scores = g + 3.0 if scale == "identity" else expit(g)
        labels = (rng.random(len(g)) < expit(-2 + 1.1 * g)).astype(int)
        found = fit_score_curve(scores.tolist(), labels.tolist())
        assert found.scale == scale
        assert found.slope == pytest.approx(1.1, abs=0.1)
        at_centre = found.probability(3.0 if scale == "identity" else 0.5)
        assert at_centre == pytest.approx(float(expit(-2)), rel=0.12)


def test_classes_that_are_apart_have_a_finite_slope() -> None:
    found = fit_score_curve([0.1, 0.2, 0.3, 0.8, 0.9], [0, 0, 0, 1, 1])
    assert 0 < found.slope < 1e3
    assert found.probability(0.0) < 0.5 < found.probability(1.0)


def test_the_curve_is_flat_beyond_the_pilot() -> None:
    assert CURVE.probability(99) == CURVE.probability(5)
    assert CURVE.probability(-99) == CURVE.probability(-3)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=64, max_size=64).filter(lambda c: sum(c) > 0), st.floats(0.02, 0.9))
def test_every_unit_keeps_its_share(counts: list[int], defensive: float) -> None:
    """No size is below `defensive` times the mean, which is 1: no weight is above N/(n·defensive)."""
    edges = CURVE.edges(64)
    steps = steer(CURVE, counts, edges, defensive=defensive)
    mean = sum(c * size for c, size in zip(counts, steps.sizes, strict=True)) / sum(counts)
    assert mean == pytest.approx(1.0, rel=1e-9)
    assert min(steps.sizes) >= defensive
    best = [math.sqrt(p * (1 - p)) for p in steps.predictions]
    ratio = [(size - defensive) / b for size, b in zip(steps.sizes, best, strict=True)]
    assert max(ratio) == pytest.approx(min(ratio), rel=1e-9)


def test_a_calibrated_column_is_its_own_curve(tmp_path: Path) -> None:
    frame = [Unit(i, size=(i % 50) / 100, stratum="s", cluster="c") for i in range(1_000)]
    with open_file(write_frame(frame, tmp_path / "f.csv")) as source:
        steps = steer_frame(source, "size", defensive=0.2)
    for score in (0.01, 0.1, 0.3, 0.49):
        assert steps.predictions[steps.place(score)] == pytest.approx(score, rel=0.15)
    wrong = write_frame([replace(u, size=2 * u.size + 0.5) for u in frame], tmp_path / "f.csv")
    with open_file(wrong) as source, pytest.raises(InvalidInput, match="between 0 and 1; the column has values from"):
        steer_frame(source, "size")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"edges": (1.0, 1.0), "sizes": (1.0, 2.0, 3.0)}, "rise"),
        ({"edges": (1.0,), "sizes": (1.0,)}, "one size"),
        ({"edges": (1.0,), "sizes": (1.0, 0.0)}, "greater than 0"),
        ({"edges": (1.0,), "sizes": (1.0, 2.0), "predictions": (0.5,)}, "one size"),
        ({"edges": (1.0,), "sizes": (1.0, 2.0), "predictions": (0.5, 1.5)}, "less than or equal to 1"),
        ({"edges": (math.inf,), "sizes": (1.0, 2.0)}, "finite"),
    ],
)
def test_steps_that_cannot_be(fields: dict[str, tuple[float, ...]], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Steps.model_validate(fields)


@pytest.mark.parametrize(
    ("scores", "labels", "words"),
    [
        ([0.1, 0.2], [1], "one label for each"),
        ([0.1, 0.2], [0, 0], "0 positives among 2 rows"),
        ([0.1, 0.2], [1, 1], "2 positives among 2 rows"),
        ([0.3, 0.3], [0, 1], "all the same"),
        ([0.1, math.nan], [0, 1], "finite scores"),
        ([0.1, 0.2], [0, 2], "labels 0 or 1"),
    ],
)
def test_pilots_that_tell_nothing(scores: list[float], labels: list[int], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        fit_score_curve(scores, labels)


def test_a_pilot_is_read(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,score,label\n1,0.5,bad\n2,,bad\n3,0.1,fine\n4,0.2,\n5,0.3,NA\n6,NA,fine\n")
    found = read_pilot(tmp_path / "p.csv", score="score", label="label", value="bad")
    assert (found.scores, found.labels, found.left_out, found.positives) == ((0.1, 0.5), (0, 1), 4, 1)
    (tmp_path / "p.csv").write_text("id,score,label\n1,0.5,1\n2,0.1,False\n3,0.2,0.0\n")
    assert read_pilot(tmp_path / "p.csv", score="score", label="label").labels == (0, 0, 1)
    (tmp_path / "p.csv").write_text("id,score,label\n1,0.5,1\n2,0.1,maybe\n")
    with pytest.raises(InvalidInput, match="the label 'maybe' is neither"):
        read_pilot(tmp_path / "p.csv", score="score", label="label")


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    """A frame and a labelled pilot of it."""
    rng = np.random.default_rng(2)
    label = rng.random(3_000) < 0.1
    score = expit(rng.normal(size=3_000) + 2 * label - 2)
    rows = [(i, round(float(s), 5), "bad" if y else "fine") for i, (s, y) in enumerate(zip(score, label, strict=True))]
    for name, chosen in (("f.csv", rows), ("p.csv", rows[::10])):
        with (tmp_path / name).open("w", newline="") as stream:
            csv.writer(stream).writerows([("id", "score", "label"), *chosen])
    return tmp_path


def sample(folder: Path, *options: object) -> int:
    usual = ("--size-column", "score", "--n", 300, "--id", "id", "--seed", 1, "--out", folder / "o.csv")
    return run(["sample", *(str(a) for a in (folder / "f.csv", *usual, *options))])


def test_the_command_and_the_estimate_that_follows(scored: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pilot = ("--pilot", scored / "p.csv", "--label", "label=bad")
    assert sample(scored, "--design", "pps", *pilot) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "learned from 300 labels" in printed
    assert "--probability _pi --calibrate" in printed
    asked = ["estimate", str(scored / "o.csv"), "--proportion", "label=bad", "--probability", "_pi", "--json"]
    assert run([*asked, "--calibrate", str(scored / "o.csv.totals.csv")]) == 0
    steered = json.loads(capsys.readouterr().out)
    assert steered["figures"][0]["low"] < 0.1 < steered["figures"][0]["high"]
    first = (scored / "o.csv").read_bytes()
    again = ["--replay", str(scored / "o.csv.manifest.json"), "--out", str(scored / "o.csv")]
    assert run(["sample", str(scored / "f.csv"), *again]) == 0
    assert (scored / "o.csv").read_bytes() == first


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--design", "pps", "--label", "label=bad"), "--label needs --pilot"),
        (("--design", "pps", "--defensive", "0.2"), "--defensive needs --pilot"),
        (("--design", "pps", "--pilot", "p.csv"), "go together"),
        (("--design", "pps", "--pilot", "p.csv", "--label", "label=bad", "--calibrated"), "give one"),
        (("--design", "pps", "--pilot", "p.csv", "--label", "label=bad", "--size-floor", "1"), "--size-floor is for"),
        (("--design", "pps", "--pilot", "p.csv", "--label", "label=worse"), "0 positives"),
        (("--design", "pps", "--pilot", "p.csv", "--label", "labl=bad"), "Did you mean 'label'"),
        (("--design", "pps", "--pilot", "p.csv", "--label", "label=bad", "--defensive", "1"), "between 0 and 1"),
        (("--design", "cluster", "--cluster", "label", "--calibrated"), "A score steers sizes"),
    ],
)
def test_wrong_usage(
    options: tuple[str, ...],
    words: str,
    scored: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(scored)
    assert sample(scored, *options) == 2
    assert words in capsys.readouterr().err
    assert not (scored / "o.csv").exists()
